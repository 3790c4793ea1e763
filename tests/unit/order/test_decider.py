"""Given what happened, when asked, then this happens. No AWS, no mocks."""

import pytest

from common.domain.errors import IdempotencyKeyReused, NotFound
from common.domain.money import CurrenciesDiffer
from order.attention import MAX_ATTEMPTS
from order.commands import CloseOrder, DeliverOrder, RefuseCancel, RequestedItem
from order.decider import decider
from order.events import OrderParked, OrderRejected
from order.pricing import UnknownSku
from order.refusals import NotCancellable, OrderNotOpen, PriceChanged
from tests.unit.order.given import (
    AWAITING,
    CANCELLED,
    CANCELLING,
    CLOSED,
    CONFIRMED,
    DELIVERED,
    IT,
    LATER,
    LOST,
    MUCH_LATER,
    NOW,
    PARCEL,
    PARKED,
    PLACED,
    REFUSED,
    REJECTED,
    SHIPPED,
    WHOSE,
    but,
    cancel,
    cancelled,
    confirm,
    cup,
    euro,
    lost,
    mugs,
    park,
    place,
    reject,
    resume,
    resumed,
    ship,
    stopped,
    terms,
    wait,
)

deliver = DeliverOrder(shipment_id="shp_1", **IT)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([], place, [PLACED], id="a new order is placed, at our prices"),
        pytest.param([], but(place, expected_total=euro(2368)), [PLACED], id="at the total that the customer saw"),
        pytest.param([PLACED], place, [], id="placing it again changes nothing"),
        pytest.param(
            [PLACED, REJECTED], but(place, terms=terms({})), [], id="nor does it when it could no longer be placed"
        ),
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
        pytest.param(
            [PLACED, CONFIRMED, CANCELLING],
            ship,
            [REFUSED, SHIPPED],
            id="what has left cannot be cancelled any more, which is said",
        ),
        pytest.param([PLACED, CONFIRMED, SHIPPED], deliver, [DELIVERED], id="a shipped order is delivered"),
        pytest.param([PLACED, CONFIRMED, SHIPPED, DELIVERED], deliver, [], id="once too"),
        pytest.param([PLACED], cancel, [CANCELLING], id="a placed order may be cancelled"),
        pytest.param([PLACED, CONFIRMED], cancel, [CANCELLING], id="so may a confirmed one"),
        pytest.param([PLACED, CANCELLING], cancel, [], id="asking twice changes nothing"),
        pytest.param(
            [PLACED, CONFIRMED, PARKED], stopped, [CANCELLING], id="so must a parked one whose goods have been stopped"
        ),
        pytest.param([PLACED, CANCELLING], cancelled, [CANCELLED], id="it is cancelled when all is undone"),
        pytest.param([PLACED, CANCELLING, CANCELLED], cancelled, [], id="which is said once"),
        pytest.param(
            [PLACED, CONFIRMED, CANCELLING], RefuseCancel(**IT), [REFUSED], id="a cancellation may be too late"
        ),
        pytest.param([PLACED, CONFIRMED, CANCELLING, REFUSED], ship, [SHIPPED], id="then the order goes on"),
        pytest.param([PLACED, CONFIRMED], park, [PARKED], id="a person is asked to look"),
        pytest.param([PLACED, CONFIRMED, PARKED], park, [], id="once is enough"),
        pytest.param([PLACED, CONFIRMED, SHIPPED], lost, [LOST], id="also for a parcel that did not arrive"),
        pytest.param([PLACED, CONFIRMED, SHIPPED, LOST], deliver, [DELIVERED], id="and which may arrive after all"),
        pytest.param([PLACED, CONFIRMED, SHIPPED, DELIVERED], lost, [], id="whatever is told first"),
        pytest.param(
            [PLACED], resume("place_order"), [resumed("place_order")], id="what stands still is started again"
        ),
        pytest.param([PLACED], resume("place_order", at=NOW), [], id="but not before its time"),
        pytest.param(
            [PLACED, REJECTED], resume("place_order"), [resumed("place_order", undo=True)], id="nor left half undone"
        ),
        pytest.param([PLACED, REJECTED, CLOSED], resume("place_order"), [], id="what has ended is left alone"),
        pytest.param([PLACED, CANCELLING], resume("cancel_order"), [resumed("cancel_order")], id="a cancellation too"),
        pytest.param(
            [PLACED, CONFIRMED],
            resume("fulfil_order", parcel=PARCEL),
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
                resumed("place_order", at=MUCH_LATER, undo=True),
            ],
            id="but not for ever",
        ),
        pytest.param(
            [PLACED, resumed("place_order", attempt=MAX_ATTEMPTS, at=NOW)],
            resume("place_order"),
            [OrderParked(**{**WHOSE, "at": LATER}, cause="place_order_stuck")],
            id="what never ends becomes a person's",
        ),
    ],
)
def test_accepts(given, when, then):
    assert decider.decide(when, decider.fold(given)) == then


@pytest.mark.parametrize(
    ("given", "when", "error"),
    [
        pytest.param([], but(place, terms=terms({})), UnknownSku, id="what has no price cannot be ordered"),
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
        pytest.param([PLACED], deliver, OrderNotOpen, id="what was not confirmed cannot arrive"),
        pytest.param([PLACED, CONFIRMED, SHIPPED], cancel, NotCancellable, id="a shipped order cannot be cancelled"),
        pytest.param([PLACED, CONFIRMED, PARKED], cancel, NotCancellable, id="nor a parked one, but by staff"),
        pytest.param([PLACED, REJECTED], stopped, NotCancellable, id="nor one that has ended otherwise"),
        pytest.param(
            [PLACED, CONFIRMED], but(cancel, dispatched=True), NotCancellable, id="nor what shipping says has left"
        ),
        pytest.param([PLACED, CONFIRMED], cancelled, OrderNotOpen, id="what nobody cancels is not cancelled"),
    ],
)
def test_refuses(given, when, error):
    with pytest.raises(error):
        decider.decide(when, decider.fold(given))
