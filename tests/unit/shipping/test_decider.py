"""Given what happened to a shipment, when asked, then this happens. No AWS, no mocks, no carrier."""

from datetime import UTC, datetime, timedelta

import pytest

from common.domain.errors import NotFound
from shipping.commands import (
    AbandonDispatch,
    CancelShipment,
    CompleteDispatch,
    CreateShipment,
    Label,
    News,
    RequestDispatch,
    TrackShipment,
)
from shipping.decider import ShipmentAlreadyDispatched, ShipmentNotDispatchable, decider
from shipping.events import (
    Destination,
    DispatchAbandoned,
    DispatchRequested,
    Offer,
    ShipmentCancelled,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentFailed,
    ShipmentTracked,
    ShippedItem,
)

NOW = datetime(2024, 5, 1, tzinfo=UTC)
MORNING, NOON, EVENING = (NOW + timedelta(days=1, hours=hour) for hour in (8, 12, 18))
IT = {"shipment_id": "shp_1", "order_id": "ord_1", "at": NOW}
WHOSE = {**IT, "customer_id": "cus_ada"}
HOME = Destination(name="Ada", line1="1 Loop", city="Berlin", postal_code="10115", country="DE")
MUGS = (ShippedItem(sku="mug", quantity=2),)
OFFER = Offer(provider_reference="shp_ep", rate_id="rate_1", carrier="DPD", service="Classic")
OTHER = OFFER.model_copy(update={"provider_reference": "shp_other"})
LABEL = Label(carrier="DPD", tracking_number="EZ1", label_url="https://label")

CREATED = ShipmentCreated(**WHOSE, items=MUGS, shipping_address=HOME)
REQUESTED = DispatchRequested(**IT, offer=OFFER)
ABANDONED = DispatchAbandoned(**IT, reason="no rates")
DISPATCHED = ShipmentDispatched(**WHOSE, carrier="DPD", tracking_number="EZ1", items=MUGS, label_url="https://label")
CANCELLED = ShipmentCancelled(**IT)
LEFT = [CREATED, REQUESTED, DISPATCHED]


def moved(status, when, location=None):
    return ShipmentTracked(**WHOSE, status=status, occurred_at=when, location=location)


DELIVERED = ShipmentDelivered(**WHOSE, occurred_at=EVENING)
FAILED = ShipmentFailed(**WHOSE, occurred_at=EVENING, cause="failure")

create = CreateShipment(order_id="ord_1", customer_id="cus_ada", items=MUGS, shipping_address=HOME, at=NOW)
request = RequestDispatch(shipment_id="shp_1", offer=OFFER, at=NOW)
complete = CompleteDispatch(shipment_id="shp_1", label=LABEL, at=NOW)
abandon = AbandonDispatch(shipment_id="shp_1", reason="no rates", at=NOW)
cancel = CancelShipment(order_id="ord_1", at=NOW)


def told(status, when=None, **more):
    return TrackShipment(shipment_id="shp_1", news=News(status=status, occurred_at=when, **more), at=NOW)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([], create, [CREATED], id="a confirmed order gets a shipment"),
        pytest.param([CREATED], create, [], id="one"),
        pytest.param(LEFT, create, [], id="also when it has left"),
        pytest.param([CANCELLED], create, [], id="and none after it was cancelled"),
        pytest.param([CREATED], request, [REQUESTED], id="a label is asked for, and that is said before"),
        pytest.param([CREATED, REQUESTED], request, [], id="twice is once"),
        pytest.param(
            [CREATED, REQUESTED],
            RequestDispatch(shipment_id="shp_1", offer=OTHER, at=NOW),
            [],
            id="whoever comes second goes on with the first one's parcel",
        ),
        pytest.param([CREATED, REQUESTED], complete, [DISPATCHED], id="with its label, it is dispatched"),
        pytest.param(LEFT, complete, [], id="once"),
        pytest.param(LEFT, request, [], id="and no other label is asked for"),
        pytest.param([CREATED, REQUESTED], abandon, [ABANDONED], id="a label may be refused"),
        pytest.param([CREATED, REQUESTED, ABANDONED], abandon, [], id="which is said once"),
        pytest.param(LEFT, abandon, [], id="and not when there is one"),
        pytest.param([CREATED, REQUESTED, ABANDONED], request, [REQUESTED], id="then another may be asked for"),
        pytest.param([CREATED], cancel, [CANCELLED], id="a shipment may be cancelled"),
        pytest.param([CREATED, CANCELLED], cancel, [], id="twice is once here too"),
        pytest.param([], cancel, [CANCELLED], id="cancelled before it was created, it leaves a mark"),
        pytest.param([CANCELLED], cancel, [], id="one mark"),
        pytest.param([CREATED, REQUESTED, ABANDONED], cancel, [CANCELLED], id="without a label, it may be cancelled"),
        pytest.param(
            LEFT, told("in_transit", NOON, location="Leipzig"), [moved("in_transit", NOON, "Leipzig")], id="it moves"
        ),
        pytest.param(LEFT, told("in_transit"), [moved("in_transit", NOW)], id="when, we may have to say ourselves"),
        pytest.param(
            [*LEFT, moved("in_transit", NOON)], told("in_transit", NOON), [], id="the same news twice is once"
        ),
        pytest.param([*LEFT, moved("in_transit", NOON)], told("in_transit"), [], id="so is news that has no time"),
        pytest.param(
            [*LEFT, moved("in_transit", NOON)],
            told("in_transit", EVENING),
            [moved("in_transit", EVENING)],
            id="another scan on the way is news",
        ),
        pytest.param([*LEFT, moved("in_transit", NOON)], told("in_transit", MORNING), [], id="an older one is not"),
        pytest.param(
            [*LEFT, moved("out_for_delivery", NOON)], told("in_transit", EVENING), [], id="it never moves back"
        ),
        pytest.param(LEFT, told("delivered", EVENING), [DELIVERED], id="it arrives, scanned on the way or not"),
        pytest.param([*LEFT, DELIVERED], told("delivered", EVENING + timedelta(1)), [], id="once"),
        pytest.param([*LEFT, DELIVERED], told("failed", EVENING), [], id="what has arrived does not fail"),
        pytest.param(LEFT, told("failed", EVENING, cause="failure"), [FAILED], id="it may fail"),
        pytest.param([*LEFT, FAILED], told("delivered", EVENING), [], id="and that is final, too"),
        pytest.param([CREATED], told("delivered", EVENING), [], id="what has not left does not arrive"),
    ],
)
def test_accepts(given, when, then):
    assert decider.decide(when, decider.fold(given)) == then


@pytest.mark.parametrize(
    ("given", "when", "error"),
    [
        pytest.param([], request, NotFound, id="what does not exist is not dispatched"),
        pytest.param([CANCELLED], request, NotFound, id="nor what was cancelled before it existed"),
        pytest.param([CREATED, CANCELLED], request, ShipmentNotDispatchable, id="nor what was cancelled after"),
        pytest.param([CREATED, CANCELLED], complete, ShipmentNotDispatchable, id="not even with a label"),
        pytest.param(LEFT, cancel, ShipmentAlreadyDispatched, id="what has left is not cancelled"),
        pytest.param(
            [CREATED, REQUESTED], cancel, ShipmentAlreadyDispatched, id="nor what may have: its label is being bought"
        ),
        pytest.param([*LEFT, DELIVERED], cancel, ShipmentAlreadyDispatched, id="nor what has arrived"),
    ],
)
def test_refuses(given, when, error):
    with pytest.raises(error):
        decider.decide(when, decider.fold(given))
