"""What an event adds to the figures, and that the sum does not depend on how they come."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.figures import Figures, figures_of, folded
from common.domain.message import Message


def euro(cents):
    return {"amount": cents, "currency": "EUR"}


ITEMS = [
    {"sku": "mug", "name": "Mug", "quantity": 2, "unit_price": euro(750), "total": euro(1500)},
    {"sku": "cup", "name": "Cup", "quantity": 1, "unit_price": euro(300), "total": euro(300)},
]
SALE = {"customer_id": "cus_ada", "items": ITEMS, "total": euro(2290)}
REFUND = {"payment_id": "pay_1", "refund_id": "ref_2", "amount": euro(500)}


def said(type, data=None, hour=9, sequence=1):
    return Message(
        id=f"ord_1#{sequence}",
        source="order",
        type=type,
        subject="ord_1",
        time=datetime(2026, 1, 5, hour, 30, tzinfo=UTC),
        sequence=sequence,
        actor="cus_ada",
        correlation_id="r",
        causation_id="r",
        data=data or {},
    )


def adds(type, data=None):
    return {path: number for path, number in figures_of(said(type, data)).counts.items() if number}


@pytest.mark.parametrize(
    "type, stage",
    [("OrderPlaced", "placed"), ("OrderShipped", "shipped"), ("OrderDelivered", "delivered")],
)
def test_an_order_that_comes_so_far_is_counted_in_the_hour_it_does(type, stage):
    assert adds(type) == {f"09/{stage}": 1}


def test_a_confirmed_order_is_a_sale_with_all_that_the_customer_owes():
    assert adds("OrderConfirmed", SALE) == {
        "09/confirmed": 1,
        "09/EUR/orders": 1,
        "09/EUR/gross": 2290,
        "09/EUR/units": 3,
        "sku/EUR/mug/units": 2,
        "sku/EUR/mug/revenue": 1500,
        "sku/EUR/cup/units": 1,
        "sku/EUR/cup/revenue": 300,
    }


def test_a_sale_that_is_cancelled_is_taken_back_whole():
    both = folded([said("OrderConfirmed", SALE), said("OrderCancelled", SALE, sequence=2)])
    assert {path: number for path, number in both.counts.items() if number} == {
        "09/confirmed": 1,
        "09/cancelled": 1,
        "09/EUR/gross": 2290,
        "09/EUR/cancelled": 2290,
    }


def test_an_order_cancelled_before_it_was_confirmed_was_no_sale():
    assert adds("OrderCancelled", {"total": euro(2290), "items": []}) == {"09/cancelled": 1}
    assert adds("OrderCancelled", {"total": euro(2290)}) == {"09/cancelled": 1}


def test_a_refund_takes_money_and_nothing_else():
    assert adds("PaymentRefunded", REFUND) == {"09/EUR/refunded": 500}


def test_the_refund_of_an_undone_order_is_not_taken_twice():
    assert adds("PaymentRefunded", {**REFUND, "refund_id": "ref_1"}) == {}


def test_a_rejection_counts_by_its_reason():
    assert adds("OrderRejected", {"reason": "out_of_stock"}) == {"09/rejected/out_of_stock": 1}


def test_what_nobody_counts_adds_nothing():
    assert figures_of(said("StockReserved")) == Figures()


@pytest.mark.parametrize("data", [{}, {**SALE, "total": None}, {**SALE, "items": [{"sku": "mug"}]}])
def test_what_cannot_be_understood_is_refused(data):
    with pytest.raises((LookupError, TypeError)):
        figures_of(said("OrderConfirmed", data))


EVENTS = st.lists(
    st.sampled_from(
        [
            said("OrderPlaced"),
            said("OrderConfirmed", SALE, hour=10),
            said("OrderConfirmed", {**SALE, "customer_id": "cus_bob"}),
            said("OrderCancelled", SALE, hour=23),
            said("PaymentRefunded", REFUND),
            said("OrderRejected", {"reason": "payment_declined"}),
        ]
    )
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EVENTS, st.randoms(use_true_random=False), st.integers(1, 5))
def test_any_order_and_any_batches_give_the_same_bytes(events, random, size):
    shuffled = list(events)
    random.shuffle(shuffled)
    sums = Figures()
    for start in range(0, len(shuffled), size):
        sums.add(Figures.unpacked(folded(shuffled[start : start + size]).packed()))
    assert sums.packed() == folded(events).packed()
