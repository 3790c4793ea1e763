"""Given what happened to a shipment, when asked, then this happens. No AWS, no mocks, no carrier."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import data, integers, sampled_from

from common.domain.errors import NotFound
from common.domain.sealed import Sealed
from shipping.commands import (
    AbandonDispatch,
    CancelShipment,
    CompleteDispatch,
    CreateShipment,
    Label,
    News,
    RequestDispatch,
    SplitShipment,
    TrackShipment,
)
from shipping.decider import (
    MAX_SHIPMENTS,
    NothingLeft,
    NotInShipment,
    ShipmentAlreadyDispatched,
    ShipmentChanged,
    ShipmentNotDispatchable,
    ShipmentNotSplittable,
    TooManyShipments,
    decider,
)
from shipping.events import (
    DispatchAbandoned,
    DispatchRequested,
    Offer,
    ShipmentCancelled,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentFailed,
    ShipmentReturned,
    ShipmentSplit,
    ShipmentTracked,
    ShippedItem,
)

NOW = datetime(2024, 5, 1, tzinfo=UTC)
MORNING, NOON, EVENING = (NOW + timedelta(days=1, hours=hour) for hour in (8, 12, 18))
IT = {"shipment_id": "shp_1", "order_id": "ord_1", "at": NOW}
WHOSE = {**IT, "customer_id": "cus_ada"}
HOME = Sealed(person="cus_ada", box="an address")
MUGS = (ShippedItem(sku="mug", quantity=2), ShippedItem(sku="kettle", quantity=1))
MUG, REST = (ShippedItem(sku="mug", quantity=1),), (MUGS[0].model_copy(update={"quantity": 1}), MUGS[1])
OFFER = Offer(provider_reference="shp_ep", rate_id="rate_1", carrier="DPD", service="Classic")
OTHER = OFFER.model_copy(update={"provider_reference": "shp_other"})
LABEL = Label(carrier="DPD", tracking_number="EZ1", label_url="https://label")

CREATED = ShipmentCreated(**WHOSE, items=MUGS, shipping_address=HOME)
REQUESTED = DispatchRequested(**IT, offer=OFFER)
ABANDONED = DispatchAbandoned(**IT, reason="no rates")
DISPATCHED = ShipmentDispatched(**WHOSE, carrier="DPD", tracking_number="EZ1", items=MUGS, label_url="https://label")
CANCELLED = ShipmentCancelled(**IT)
SPLIT = ShipmentSplit(**WHOSE | {"shipment_id": "shp_1_a"}, from_shipment_id="shp_1", items=MUG)
PART_CANCELLED = ShipmentCancelled(**IT | {"shipment_id": "shp_1_a"})
PART_REQUESTED = DispatchRequested(**IT | {"shipment_id": "shp_1_a"}, offer=OFFER)
PART_DISPATCHED = DISPATCHED.model_copy(update={"shipment_id": "shp_1_a", "items": MUG})
PART_LEFT = [CREATED, SPLIT, PART_REQUESTED, PART_DISPATCHED]
LEFT = [CREATED, REQUESTED, DISPATCHED]


def moved(status, when, location=None):
    return ShipmentTracked(**WHOSE, status=status, occurred_at=when, location=location)


DELIVERED = ShipmentDelivered(**WHOSE, occurred_at=EVENING)
FAILED = ShipmentFailed(**WHOSE, occurred_at=NOON, cause="failure")
RETURNED = ShipmentReturned(**WHOSE, occurred_at=EVENING, cause="return_to_sender")

create = CreateShipment(order_id="ord_1", customer_id="cus_ada", items=MUGS, shipping_address=HOME, at=NOW)
request = RequestDispatch(shipment_id="shp_1", items=MUGS, offer=OFFER, at=NOW)
complete = CompleteDispatch(shipment_id="shp_1", label=LABEL, at=NOW)
abandon = AbandonDispatch(shipment_id="shp_1", reason="no rates", at=NOW)
cancel = CancelShipment(order_id="ord_1", at=NOW)


def split(items, of="shp_1", to="shp_1_a"):
    return SplitShipment(shipment_id=of, split_id=to, items=items, at=NOW)


def told(status, when=None, **more):
    return TrackShipment(shipment_id="shp_1", news=(News(status=status, occurred_at=when, **more),), at=NOW)


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
            RequestDispatch(shipment_id="shp_1", items=MUGS, offer=OTHER, at=NOW),
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
        pytest.param(
            [CREATED],
            cancel.model_copy(update={"reason": "changed my mind"}),
            [CANCELLED.model_copy(update={"reason": "changed my mind"})],
            id="and says why, for the order may not know yet",
        ),
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
        pytest.param([*LEFT, DELIVERED], told("returned", EVENING), [], id="nor comes back"),
        pytest.param(LEFT, told("failed", NOON, cause="failure"), [FAILED], id="it may fail"),
        pytest.param([*LEFT, FAILED], told("failed", NOON), [], id="which is said once"),
        pytest.param([*LEFT, FAILED], told("delivered", EVENING), [DELIVERED], id="and still arrive"),
        pytest.param(
            [*LEFT, FAILED],
            told("out_for_delivery", EVENING),
            [moved("out_for_delivery", EVENING)],
            id="it goes out again after it failed",
        ),
        pytest.param(
            [*LEFT, FAILED], told("out_for_delivery", MORNING), [], id="but not with what was before the failure"
        ),
        pytest.param([*LEFT, FAILED], told("in_transit"), [], id="nor with what may have been"),
        pytest.param(
            [*LEFT, FAILED, moved("in_transit", EVENING)],
            told("out_for_delivery", MORNING),
            [],
            id="not even when it has moved since",
        ),
        pytest.param(LEFT, told("returned", EVENING, cause="return_to_sender"), [RETURNED], id="it may come back"),
        pytest.param([*LEFT, RETURNED], told("delivered", EVENING), [], id="what is delivered then is delivered to us"),
        pytest.param(
            LEFT,
            TrackShipment(
                shipment_id="shp_1",
                news=(
                    News(status="in_transit", occurred_at=MORNING),
                    News(status="failed", occurred_at=NOON, cause="failure"),
                    News(status="delivered", occurred_at=EVENING),
                    News(status="failed", occurred_at=EVENING),
                ),
                at=NOW,
            ),
            [moved("in_transit", MORNING), FAILED, DELIVERED],
            id="several scans are told at once, each judged after those before it",
        ),
        pytest.param([CREATED], split(MUG), [SPLIT], id="a part may go by itself"),
        pytest.param([CREATED, SPLIT], split(MUG), [], id="that part once"),
        pytest.param(PART_LEFT, split(MUG), [], id="also when it has left"),
        pytest.param(
            [CREATED, REQUESTED, ABANDONED], split(MUG), [SPLIT], id="a shipment without a label may be split"
        ),
        pytest.param(
            [CREATED, SPLIT],
            RequestDispatch(shipment_id="shp_1", items=REST, offer=OFFER, at=NOW),
            [REQUESTED],
            id="what has stayed is dispatched as what it is",
        ),
        pytest.param(
            [CREATED, SPLIT, PART_REQUESTED],
            CompleteDispatch(shipment_id="shp_1_a", label=LABEL, at=NOW),
            [PART_DISPATCHED],
            id="and the part as what that is",
        ),
        pytest.param([CREATED, SPLIT], cancel, [CANCELLED, PART_CANCELLED], id="all are cancelled together"),
        pytest.param([CREATED, SPLIT, CANCELLED, PART_CANCELLED], cancel, [], id="once"),
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
        pytest.param(PART_LEFT, cancel, ShipmentAlreadyDispatched, id="nor the rest, when a part has left"),
        pytest.param(
            [CREATED, SPLIT, REQUESTED], cancel, ShipmentAlreadyDispatched, id="nor a part, when the rest may have left"
        ),
        pytest.param([], split(MUG), NotFound, id="what does not exist is not split"),
        pytest.param([CANCELLED], split(MUG), NotFound, id="nor what was cancelled before it existed"),
        pytest.param([CREATED], split(MUG, of="shp_1_a", to="shp_1_b"), NotFound, id="nor a part that does not"),
        pytest.param([CREATED, CANCELLED], split(MUG), ShipmentNotSplittable, id="nor what was cancelled after"),
        pytest.param(LEFT, split(MUG), ShipmentAlreadyDispatched, id="nor what has left"),
        pytest.param([CREATED, REQUESTED], split(MUG), ShipmentAlreadyDispatched, id="nor what may have"),
        pytest.param([CREATED], split(MUGS), NothingLeft, id="something stays"),
        pytest.param([CREATED, SPLIT], split(MUG, of="shp_1_a", to="shp_1_b"), NothingLeft, id="in each part"),
        pytest.param(
            [CREATED], split((ShippedItem(sku="mug", quantity=3),)), NotInShipment, id="no more leaves than is there"
        ),
        pytest.param(
            [CREATED, SPLIT],
            split((ShippedItem(sku="mug", quantity=2),), to="shp_1_b"),
            NotInShipment,
            id="nor what left before",
        ),
        pytest.param(
            [CREATED], split((ShippedItem(sku="pan", quantity=1),)), NotInShipment, id="nor what never was there"
        ),
        pytest.param(
            [CREATED, SPLIT], request, ShipmentChanged, id="no label is bought for what was split in the meantime"
        ),
    ],
)
def test_refuses(given, when, error):
    with pytest.raises(error):
        decider.decide(when, decider.fold(given))


def test_an_order_is_sent_in_so_many_shipments_and_no_more():
    many = ShipmentCreated(**WHOSE, items=(ShippedItem(sku="mug", quantity=100),), shipping_address=HOME)
    state = decider.fold([many])
    for number in range(1, MAX_SHIPMENTS):
        for event in decider.decide(split(MUG, to=f"shp_1_{number}"), state):
            state = decider.evolve(state, event)
    assert len(state.shipments) == MAX_SHIPMENTS
    with pytest.raises(TooManyShipments):
        decider.decide(split(MUG, to="shp_1_more"), state)


@given(data())
def test_however_it_is_split_its_parts_are_what_was_ordered(data):
    state = decider.fold([CREATED.model_copy(update={"items": (ShippedItem(sku="a", quantity=9), MUGS[1])})])
    for number in range(data.draw(integers(0, 6))):
        of = data.draw(sampled_from(sorted(state.shipments)))
        wanted = {"a": data.draw(integers(1, 4)), "kettle": data.draw(integers(0, 1))}
        items = tuple(ShippedItem(sku=sku, quantity=quantity) for sku, quantity in wanted.items() if quantity)
        try:
            happened = decider.decide(split(items, of=of, to=f"shp_1_{number}"), state)
        except (NothingLeft, NotInShipment):
            continue
        for event in happened:
            state = decider.evolve(state, event)
    parts = [item for shipment in state.shipments.values() for item in shipment.items]
    assert all(shipment.items for shipment in state.shipments.values())
    assert sum(item.quantity for item in parts if item.sku == "a") == 9
    assert sum(item.quantity for item in parts if item.sku == "kettle") == 1
