"""Given what happened, when asked, then this happens. No AWS, no mocks."""

from datetime import UTC, datetime, timedelta

import pytest

from common.domain.errors import IdempotencyKeyReused, NotFound
from common.domain.money import CurrenciesDiffer, Money
from order.commands import (
    AwaitPayment,
    CancelOrder,
    CancelOrderRequest,
    CloseOrder,
    ConfirmOrder,
    DeliverOrder,
    ParkOrder,
    PlaceOrder,
    Price,
    RefuseCancel,
    RejectOrder,
    RequestedItem,
    ResumeOrder,
    ShipOrder,
)
from order.decider import MAX_ATTEMPTS, NotCancellable, OrderNotOpen, OrderNotShipped, PriceChanged, decider
from order.events import (
    Address,
    OrderAwaitingPayment,
    OrderCancelled,
    OrderCancelRefused,
    OrderCancelRequested,
    OrderClosed,
    OrderConfirmed,
    OrderDelivered,
    OrderItem,
    OrderParked,
    OrderPlaced,
    OrderRejected,
    OrderResumed,
    OrderShipped,
    Purchase,
)
from order.pricing import UnknownSku

NOW = datetime(2024, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
MUCH_LATER = NOW + timedelta(hours=1)


def euro(cents):
    return Money(amount=cents, currency="EUR")


def but(command, **changes):
    return command.model_copy(update=changes)


HOME = Address(name="Ada", line1="1 Loop", city="Berlin", postal_code="10115", country="DE")
SAME = {
    "order_id": "ord_1",
    "customer_id": "cus_1",
    "shipping_address": HOME,
    "shipping_method": "standard",
    "payment_method": "pm_card_visa",
    "fingerprint": "f",
    "at": NOW,
}
IT, WHOSE = {"order_id": "ord_1", "at": NOW}, {"order_id": "ord_1", "customer_id": "cus_1", "at": NOW}
PARCEL = {"shipment_id": "shp_1", "carrier": "DHL", "tracking_number": "T1"}
PLACED = OrderPlaced(
    items=(OrderItem(sku="mug", name="Mug", quantity=2, unit_price=euro(750), total=euro(1500)),),
    subtotal=euro(1500),
    discount=euro(0),
    shipping=euro(490),
    tax=euro(378),  # 19 % of 19.90
    total=euro(2368),
    **SAME,
)
AWAITING = OrderAwaitingPayment(payment_id="pay_1", **WHOSE)
CONFIRMED = OrderConfirmed(
    order_id="ord_1", payment_id="pay_1", at=NOW, **{name: getattr(PLACED, name) for name in Purchase.model_fields}
)
REJECTED = OrderRejected(reason="out_of_stock", total=euro(2368), **WHOSE)
CLOSED = OrderClosed(**IT)
CANCELLING = OrderCancelRequested(reason="changed my mind", **WHOSE)
REFUSED = OrderCancelRefused(**WHOSE)
CANCELLED = OrderCancelled(reason="changed my mind", total=euro(2368), **WHOSE)
SHIPPED = OrderShipped(**WHOSE, **PARCEL)
DELIVERED = OrderDelivered(**WHOSE)
PARKED = OrderParked(cause="PaymentNotCapturable", **WHOSE)

mugs, cup = RequestedItem(sku="mug", quantity=2), RequestedItem(sku="cup", quantity=1)
prices = {
    "mug": Price(name="Mug", unit_price=euro(750)),
    "cup": Price(name="Cup", unit_price=Money(amount=300, currency="USD")),
    "old": Price(name="Old mug", unit_price=euro(100), status="archived"),
}
place = PlaceOrder(items=(mugs,), prices=prices, **SAME)
wait = AwaitPayment(payment_id="pay_1", **IT)
confirm = ConfirmOrder(payment_id="pay_1", **IT)
reject = RejectOrder(cause="OutOfStock", **IT)
cancel = CancelOrderRequest(reason="changed my mind", **IT)
cancelled = CancelOrder(**IT)
ship = ShipOrder(**IT, **PARCEL)
park = ParkOrder(cause="PaymentNotCapturable", **IT)


def resume(saga, at=LATER, patience=120, **parcel):
    return ResumeOrder(order_id="ord_1", saga=saga, at=at, patience=patience, **parcel)


def resumed(saga, at=LATER, attempt=1, **parcel):
    return OrderResumed(
        order_id="ord_1",
        saga=saga,
        attempt=attempt,
        customer_id="cus_1",
        items=PLACED.items,
        total=PLACED.total,
        payment_method="pm_card_visa",
        at=at,
        **parcel,
    )


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([], place, [PLACED], id="a new order is placed, at our prices"),
        pytest.param([], but(place, expected_total=euro(2368)), [PLACED], id="at the total that the customer saw"),
        pytest.param([PLACED], place, [], id="placing it again changes nothing"),
        pytest.param([PLACED, REJECTED], but(place, prices={}), [], id="nor does it when it could no longer be placed"),
        pytest.param([PLACED], wait, [AWAITING], id="a placed order may wait for its customer"),
        pytest.param([PLACED, AWAITING], wait, [], id="waiting again changes nothing"),
        pytest.param([PLACED], confirm, [CONFIRMED], id="a placed order is confirmed"),
        pytest.param([PLACED, AWAITING], confirm, [CONFIRMED], id="so is one whose customer has acted"),
        pytest.param([PLACED, CONFIRMED], confirm, [], id="confirming it again changes nothing"),
        pytest.param([PLACED], reject, [REJECTED], id="a placed order is rejected"),
        pytest.param([PLACED, REJECTED], reject, [], id="rejecting it again changes nothing"),
        pytest.param(
            [PLACED, REJECTED], CloseOrder(**IT), [CLOSED], id="a rejected order is closed when all is undone"
        ),
        pytest.param([PLACED, REJECTED, CLOSED], CloseOrder(**IT), [], id="once"),
        pytest.param([PLACED, CONFIRMED], ship, [SHIPPED], id="a confirmed order is shipped"),
        pytest.param([PLACED, CONFIRMED, SHIPPED], ship, [], id="shipping it again changes nothing"),
        pytest.param([PLACED, CONFIRMED, CANCELLING], ship, [SHIPPED], id="what has left cannot be cancelled any more"),
        pytest.param([PLACED, CONFIRMED, SHIPPED], DeliverOrder(**IT), [DELIVERED], id="a shipped order is delivered"),
        pytest.param([PLACED, CONFIRMED, SHIPPED, DELIVERED], DeliverOrder(**IT), [], id="once too"),
        pytest.param([PLACED], cancel, [CANCELLING], id="a placed order may be cancelled"),
        pytest.param([PLACED, CONFIRMED], cancel, [CANCELLING], id="so may a confirmed one"),
        pytest.param([PLACED, CANCELLING], cancel, [], id="asking twice changes nothing"),
        pytest.param([PLACED, CANCELLING], cancelled, [CANCELLED], id="it is cancelled when all is undone"),
        pytest.param([PLACED, CANCELLING, CANCELLED], cancelled, [], id="which is said once"),
        pytest.param(
            [PLACED, CONFIRMED, CANCELLING], RefuseCancel(**IT), [REFUSED], id="a cancellation may be too late"
        ),
        pytest.param([PLACED, CONFIRMED, CANCELLING, REFUSED], ship, [SHIPPED], id="then the order goes on"),
        pytest.param([PLACED, CONFIRMED], park, [PARKED], id="a person is asked to look"),
        pytest.param([PLACED, CONFIRMED, PARKED], park, [], id="once is enough"),
        pytest.param(
            [PLACED], resume("place_order"), [resumed("place_order")], id="what stands still is started again"
        ),
        pytest.param([PLACED], resume("place_order", at=NOW), [], id="but not before its time"),
        pytest.param([PLACED, REJECTED], resume("place_order"), [resumed("place_order")], id="nor left half undone"),
        pytest.param([PLACED, REJECTED, CLOSED], resume("place_order"), [], id="what has ended is left alone"),
        pytest.param([PLACED, CANCELLING], resume("cancel_order"), [resumed("cancel_order")], id="a cancellation too"),
        pytest.param(
            [PLACED, CONFIRMED],
            resume("fulfil_order", **PARCEL),
            [resumed("fulfil_order", **PARCEL)],
            id="and what follows a dispatch",
        ),
        pytest.param([PLACED, AWAITING], resume("place_order"), [], id="a customer is given time to act"),
        pytest.param(
            [PLACED, AWAITING],
            resume("place_order", at=NOW, patience=0),
            [resumed("place_order", at=NOW)],
            id="and when they have acted, the order goes on at once",
        ),
        pytest.param(
            [PLACED, AWAITING],
            resume("place_order", at=MUCH_LATER),
            [
                OrderRejected(**{**WHOSE, "at": MUCH_LATER}, reason="payment_timeout", total=euro(2368)),
                resumed("place_order", at=MUCH_LATER),
            ],
            id="but not for ever",
        ),
        pytest.param(
            [PLACED, resumed("place_order", attempt=MAX_ATTEMPTS, at=NOW)],
            resume("place_order"),
            [OrderParked(**{**WHOSE, "at": LATER}, cause=f"place_order was started {MAX_ATTEMPTS} times")],
            id="what never ends becomes a person's",
        ),
    ],
)
def test_accepts(given, when, then):
    assert decider.decide(when, decider.fold(given)) == then


@pytest.mark.parametrize(
    ("given", "when", "error"),
    [
        pytest.param([], but(place, prices={}), UnknownSku, id="what has no price cannot be ordered"),
        pytest.param(
            [],
            but(place, items=(RequestedItem(sku="old", quantity=1),)),
            UnknownSku,
            id="nor what is not sold any more",
        ),
        pytest.param([], but(place, items=(mugs, cup)), CurrenciesDiffer, id="an order has one currency"),
        pytest.param(
            [], but(place, expected_total=euro(1)), PriceChanged, id="a customer pays what they saw, or nothing"
        ),
        pytest.param([PLACED], but(place, fingerprint="g"), IdempotencyKeyReused, id="one key cannot place two orders"),
        pytest.param([], confirm, NotFound, id="an unknown order cannot be confirmed"),
        pytest.param([PLACED, REJECTED], confirm, OrderNotOpen, id="a rejected order cannot be confirmed"),
        pytest.param([PLACED, CONFIRMED], reject, OrderNotOpen, id="a confirmed order cannot be rejected"),
        pytest.param(
            [PLACED, CANCELLING], confirm, OrderNotOpen, id="nor can one be confirmed that is being cancelled"
        ),
        pytest.param([PLACED, CANCELLING], reject, OrderNotOpen, id="or rejected"),
        pytest.param([PLACED, REJECTED], wait, OrderNotOpen, id="a rejected order waits for nobody"),
        pytest.param([PLACED, REJECTED], ship, OrderNotOpen, id="a rejected order is not shipped"),
        pytest.param([PLACED, CONFIRMED], DeliverOrder(**IT), OrderNotShipped, id="what was not shipped cannot arrive"),
        pytest.param([PLACED, CONFIRMED, SHIPPED], cancel, NotCancellable, id="a shipped order cannot be cancelled"),
        pytest.param([PLACED, CONFIRMED], cancelled, OrderNotOpen, id="what nobody cancels is not cancelled"),
    ],
)
def test_refuses(given, when, error):
    with pytest.raises(error):
        decider.decide(when, decider.fold(given))
