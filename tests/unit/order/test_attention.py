"""What does not go on by itself: parked, and what staff may do about it then."""

import pytest

from order.commands import CompensateOrder, Parcel, ParkOrder, RetryOrder, SettleOrder
from order.decider import decider
from order.events import (
    OrderCancelled,
    OrderCancelRequested,
    OrderClosed,
    OrderDelivered,
    OrderParked,
    OrderRetried,
    OrderSettled,
    Redemption,
)
from order.refusals import (
    MoneyIsHeld,
    NotCompensable,
    NothingToRetry,
    NotSettleable,
    StillMoving,
    StockIsReserved,
)
from tests.unit.order.given import (
    AWAITING,
    CANCELLED,
    CANCELLING,
    CLOSED,
    CONFIRMED,
    DELIVERED,
    LATER,
    MUCH_LATER,
    PARCEL,
    PARKED,
    PLACED,
    REFUSED,
    REJECTED,
    SHIPPED,
    WHOSE,
    but,
    cancelled,
    confirm,
    euro,
    park,
    resume,
    resumed,
    ship,
)

THEN = {**WHOSE, "at": LATER}
BY_HAND = {"order_id": "ord_1", "reason": "mended", "at": LATER}
retry, compensate, settle = RetryOrder(**BY_HAND), CompensateOrder(**BY_HAND), SettleOrder(**BY_HAND)
parcel = Parcel(**PARCEL, items=SHIPPED.items)
RETRIED = OrderRetried(**THEN, reason="mended")
COMPENSATING = OrderCancelRequested(**THEN, reason="mended")
LOST = OrderParked(**WHOSE, cause="shipment_failed")
COUPON = Redemption(code="SAVE", max_uses=1)


def settled(outcome):
    return OrderSettled(**THEN, reason="mended", outcome=outcome)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([PLACED, CONFIRMED], park, [PARKED], id="what cannot go on is parked, for a stable reason"),
        pytest.param(
            [PLACED, CONFIRMED],
            but(park, cause="KeyError"),
            [OrderParked(**WHOSE, cause="system_error")],
            id="whose name is never an internal one",
        ),
        pytest.param([PLACED, CANCELLING, CANCELLED], park, [], id="what has ended is not parked"),
        pytest.param([PLACED, REJECTED, CLOSED], park, [], id="nor what was rejected and undone"),
        pytest.param([PLACED, PARKED], resume("place_order"), [], id="what is parked is not started by the clock"),
        pytest.param([PLACED, PARKED], retry, [RETRIED, resumed("place_order")], id="staff have it go on"),
        pytest.param([PLACED], retry, [RETRIED, resumed("place_order")], id="or what merely stands still"),
        pytest.param(
            [PLACED, resumed("place_order", attempt=10), PARKED],
            retry,
            [RETRIED, resumed("place_order")],
            id="with all its attempts",
        ),
        pytest.param(
            [PLACED, REJECTED, PARKED], retry, [RETRIED, resumed("place_order", undo=True)], id="an undo goes on too"
        ),
        pytest.param([PLACED, CANCELLING, PARKED], retry, [RETRIED, resumed("cancel_order")], id="and a cancellation"),
        pytest.param(
            [PLACED, CONFIRMED, PARKED],
            but(retry, parcels=(parcel,)),
            [RETRIED, resumed("fulfil_order", **PARCEL)],
            id="and what follows a dispatch",
        ),
        pytest.param([PLACED, CONFIRMED, PARKED], compensate, [COMPENSATING], id="money and goods go back"),
        pytest.param([PLACED, CONFIRMED], compensate, [COMPENSATING], id="also of what merely stands still"),
        pytest.param(
            [PLACED, CONFIRMED, SHIPPED, LOST],
            compensate,
            [but(COMPENSATING, goods_left=True)],
            id="of goods that have left, the money alone",
        ),
        pytest.param(
            [PLACED, CONFIRMED, PARKED],
            but(compensate, dispatched=True),
            [but(COMPENSATING, goods_left=True)],
            id="even when only shipping knows that yet",
        ),
        pytest.param(
            [PLACED, REJECTED, PARKED],
            compensate,
            [RETRIED, resumed("place_order", undo=True)],
            id="of a rejected order, the undo goes on",
        ),
        pytest.param([PLACED, CONFIRMED, PARKED, COMPENSATING], compensate, [], id="once is enough"),
        pytest.param(
            [PLACED, CONFIRMED, SHIPPED, LOST, but(COMPENSATING, goods_left=True)],
            but(cancelled, at=LATER),
            [OrderCancelled(**THEN, reason="mended", total=euro(2368), items=PLACED.items)],
            id="a compensated order ends as cancelled",
        ),
        pytest.param([PLACED, CONFIRMED, SHIPPED, LOST], settle, [settled("shipped")], id="closed, it stays shipped"),
        pytest.param([PLACED, CONFIRMED, SHIPPED, DELIVERED, LOST], settle, [settled("delivered")], id="or delivered"),
        pytest.param(
            [PLACED, CONFIRMED, PARKED],
            settle,
            [settled("cancelled"), OrderCancelled(**THEN, reason="mended", total=euro(2368), items=PLACED.items)],
            id="what has not left is cancelled by closing it",
        ),
        pytest.param(
            [but(PLACED, coupon=COUPON), CONFIRMED, PARKED],
            settle,
            [
                settled("cancelled"),
                OrderCancelled(**THEN, reason="mended", total=euro(2368), items=PLACED.items, coupon=COUPON),
            ],
            id="and its coupon comes back",
        ),
        pytest.param(
            [PLACED, REJECTED, PARKED],
            settle,
            [settled("rejected"), OrderClosed(order_id="ord_1", at=LATER)],
            id="what was rejected stays rejected",
        ),
        pytest.param(
            [PLACED, AWAITING, PARKED], but(confirm, at=LATER), [but(CONFIRMED, at=LATER)], id="a late success counts"
        ),
    ],
)
def test_accepts(given, when, then):
    assert decider.decide(when, decider.fold(given)) == then


@pytest.mark.parametrize(
    ("given", "when", "error"),
    [
        pytest.param([PLACED, CONFIRMED], retry, NothingToRetry, id="what is well has nothing to retry"),
        pytest.param([PLACED, CONFIRMED, SHIPPED, LOST], retry, NothingToRetry, id="nor has a parcel that is lost"),
        pytest.param(
            [PLACED, CONFIRMED, SHIPPED], but(retry, parcels=(parcel,)), NothingToRetry, id="nor one that was charged"
        ),
        pytest.param([PLACED, CONFIRMED, SHIPPED], compensate, NotCompensable, id="what is on its way is not undone"),
        pytest.param([PLACED, CONFIRMED, SHIPPED, DELIVERED], compensate, NotCompensable, id="nor what has arrived"),
        pytest.param([PLACED, CONFIRMED], settle, NotSettleable, id="what is well is not closed"),
        pytest.param([PLACED], settle, NotSettleable, id="nor what may still be at work"),
        pytest.param([PLACED, CANCELLING, CANCELLED], settle, NotSettleable, id="nor what has ended"),
        pytest.param(
            [PLACED, CONFIRMED, PARKED], but(settle, money_is_held=True), MoneyIsHeld, id="closing hides no money"
        ),
        pytest.param(
            [PLACED, CONFIRMED, PARKED], but(settle, stock_is_reserved=True), StockIsReserved, id="and no stock"
        ),
        pytest.param(
            [PLACED, but(PARKED, at=LATER)], settle, StillMoving, id="a saga that was just started may still do either"
        ),
    ],
)
def test_refuses(given, when, error):
    with pytest.raises(error):
        decider.decide(when, decider.fold(given))


def test_an_order_that_stands_still_for_long_may_be_closed_unparked():
    events = decider.decide(but(settle, at=MUCH_LATER), decider.fold([PLACED]))
    assert [type(event) for event in events] == [OrderSettled, OrderCancelled]


@pytest.mark.parametrize(
    ("story", "status", "reason"),
    [
        pytest.param([PARKED], "needs_attention", "payment_not_capturable", id="why it is parked is its reason"),
        pytest.param([PARKED, RETRIED], "confirmed", None, id="no longer, once it goes on"),
        pytest.param([CANCELLING, PARKED, RETRIED], "cancelling", "changed my mind", id="what it was, it is again"),
        pytest.param(
            [PARKED, COMPENSATING, REFUSED], "needs_attention", "payment_not_capturable", id="refused: parked"
        ),
        pytest.param([LOST, SHIPPED], "needs_attention", "shipment_failed", id="news do not hide that it is parked"),
        pytest.param([LOST, SHIPPED, OrderDelivered(**WHOSE)], "delivered", None, id="but a lost parcel may arrive"),
    ],
)
def test_where_an_order_stands(story, status, reason):
    order = decider.fold([PLACED, CONFIRMED, *story])
    assert (order.status, order.cause or order.reason) == (status, reason)


def test_a_parked_order_that_leaves_is_still_parked():
    given = [PLACED, CONFIRMED, LOST]
    assert decider.decide(ship, decider.fold(given)) == [SHIPPED]
    assert decider.decide(ParkOrder(order_id="ord_1", cause="x", at=LATER), decider.fold(given)) == []
