"""However often and in whatever order the carrier's webhooks come, a shipment's history is the one that they tell."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import data, integers, lists, sampled_from

from common.domain.sealed import Sealed
from shipping.commands import TrackShipment
from shipping.decider import decider
from shipping.easypost import NEWS, Detail, Tracker
from shipping.events import DispatchRequested, Offer, ShipmentCreated, ShipmentDispatched, ShippedItem

NOW = datetime(2024, 5, 1, tzinfo=UTC)
IT = {"shipment_id": "shp_1", "order_id": "ord_1", "at": NOW}
MUGS = (ShippedItem(sku="mug", quantity=2),)
HOME = Sealed(person="cus_ada", box="an address")
OFFER = Offer(provider_reference="shp_ep", rate_id="rate_1", carrier="DPD", service="Classic")
LEFT = [
    ShipmentCreated(**IT, customer_id="cus_ada", items=MUGS, shipping_address=HOME),
    DispatchRequested(**IT, offer=OFFER),
    ShipmentDispatched(**IT, customer_id="cus_ada", carrier="DPD", tracking_number="EZ1", items=MUGS),
]
STATUSES = sampled_from([*sorted(NEWS), "pre_transit", "unknown", "error"])


def trail(statuses):
    """What the carrier has scanned, an hour apart, as it tells it after each scan: with all that was before."""
    scans = [
        Detail(status=status, datetime=NOW + timedelta(days=1, hours=hour)) for hour, status in enumerate(statuses)
    ]
    return [
        Tracker(tracking_code="EZ1", status=scan.status, tracking_details=scans[: number + 1])
        for number, scan in enumerate(scans)
    ]


def heard(trackers):
    state = decider.fold(LEFT)
    for tracker in trackers:
        for event in decider.decide(TrackShipment(shipment_id="shp_1", news=tracker.news(), at=NOW), state):
            state = decider.evolve(state, event)
    return state.shipments["shp_1"]


@given(lists(STATUSES, min_size=1, max_size=8), data())
def test_late_repeated_and_shuffled_they_tell_the_same(statuses, data):
    told = trail(statuses)
    numbers = data.draw(lists(integers(0, len(told) - 1), min_size=1, max_size=12))
    assert heard(told[number] for number in numbers) == heard(told[: max(numbers) + 1])


@given(lists(STATUSES, max_size=8))
def test_what_has_arrived_or_come_back_stays_so(statuses):
    for end in ("delivered", "return_to_sender"):
        told = trail([end, *statuses])
        assert heard(told) == heard(told[:1])


@given(lists(STATUSES, max_size=8))
def test_a_parcel_that_arrives_is_delivered_whatever_failed_before(statuses):
    if "return_to_sender" not in statuses:
        assert heard(trail([*statuses, "delivered"])).status == "delivered"


@given(lists(STATUSES, min_size=1, max_size=8))
def test_within_an_attempt_it_never_moves_back(statuses):
    steps = ("dispatched", "in_transit", "out_for_delivery", "delivered")
    attempt = []
    for scan in heard(trail(statuses)).history[1:]:
        if scan.status == "failed":
            attempt = []
            continue
        attempt.append(steps.index(scan.status))
        assert attempt == sorted(attempt)


@pytest.mark.parametrize(
    ("statuses", "seen"),
    [
        (["in_transit", "out_for_delivery", "failure", "out_for_delivery", "delivered"], None),
        (["in_transit", "failure", "in_transit", "failure", "return_to_sender", "delivered"], 5),
        (["unknown", "pre_transit", "error"], 0),
        (["available_for_pickup", "delivered", "in_transit"], 2),
    ],
)
def test_stories(statuses, seen):
    shown = {"failure": "failed", "return_to_sender": "failed", "available_for_pickup": "out_for_delivery"}
    wanted = [shown.get(status, status) for status in statuses[:seen]]
    assert [scan.status for scan in heard(trail(statuses)).history] == ["created", "dispatched", *wanted]


def test_a_scan_without_a_time_moves_it_forward_once():
    bare = [Tracker(tracking_code="EZ1", status=status) for status in ("in_transit", "failure", "out_for_delivery")]
    shipment = heard([bare[0], bare[0], bare[1], bare[1], bare[2], bare[0]])
    assert [scan.status for scan in shipment.history] == ["created", "dispatched", "in_transit", "failed"]
