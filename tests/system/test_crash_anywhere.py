"""Promise 13: whatever call fails, and however, after redelivery the order is what it would have been.

The first run of a story shows how many calls there are; the runs after it repeat it, with faults at some of them:

    one kind at each call      once, or as often as the SDK tries (`throttle_on`)
    pairs                      two calls of the shortest saga, the kinds drawn by lot
    several                    five faults at once, calls and kinds drawn by lot

`COMMERCE_CRASH_STEP=1` tries every call (the default takes one of many, starting elsewhere for each kind and story, so
that the suite stays short), `COMMERCE_PAIRS=all` every pair of calls, `COMMERCE_SEVERAL=1000` so many runs of each
story; lots are drawn by `COMMERCE_SEED`. A failure prints its reproducer.
"""

import os
import random
from itertools import combinations

import pytest

from local.platform import Platform
from local.shop import Shop

FILE = "tests/system/test_crash_anywhere.py"
SDK_TRIES = 3
KINDS = ("crash_before", "crash_after", "timeout_after", "throttle", "duplicate")
TIMES = {kind: (kind, 1) for kind in KINDS} | {"throttle_on": ("throttle", SDK_TRIES)}
STEP = int(os.environ.get("COMMERCE_CRASH_STEP", "120"))
PAIRS = os.environ.get("COMMERCE_PAIRS", "4")
SEVERAL = int(os.environ.get("COMMERCE_SEVERAL", "1"))
SEED = int(os.environ.get("COMMERCE_SEED", "1"))
ONLY = os.environ.get("COMMERCE_FAULTS")  # throttle@17x3,crash_before@40
RUNS_PER_PLATFORM = 40
CARRIED = {"lambda", "stepfunctions"}  # of what carriers call; the rest is AWS's own business


def happy(shop, people):
    staff, ada = people
    order_id = ada.order("mug", 2)["order_id"]
    shop.settle()
    parcel = shop.dispatch(staff, order_id)
    shop.settle()
    assert shop.carrier_says(parcel["tracking_number"], "delivered").status_code == 200
    shop.settle()
    return order_id


def declined(shop, people):
    order_id = people[1].order("mug", 2, "pm_card_chargeDeclined")["order_id"]
    shop.settle()
    return order_id


def in_parts(shop, people):
    staff, ada = people
    order_id = ada.order("mug", 2)["order_id"]
    shop.settle()
    [whole] = staff.get(f"/shipments?order_id={order_id}")["items"]
    one = {"items": [{"sku": "mug", "quantity": 1}]}
    part = staff.post(f"/shipments/{whole['shipment_id']}/split", one)
    parcels = [staff.post(f"/shipments/{each['shipment_id']}/dispatch", {}) for each in (part, whole)]
    shop.settle()
    for parcel in parcels:
        assert shop.carrier_says(parcel["tracking_number"], "delivered").status_code == 200
    shop.settle()
    return order_id


def cancelled(shop, people):
    order_id = people[1].order("mug", 2)["order_id"]
    shop.settle()
    people[1].post(f"/orders/{order_id}/cancel", {"reason": "changed my mind"})
    shop.settle()
    return order_id


def returned(shop, people):
    order_id = happy(shop, people)
    staff, ada = people
    back = {"items": [{"sku": "mug", "quantity": 2}], "reason": "too big"}
    asked = ada.post(f"/orders/{order_id}/returns", back)
    one = f"/orders/{order_id}/returns/{asked['return_id']}"
    staff.post(f"{one}/approve")
    shop.settle()
    staff.post(f"{one}/receive")
    shop.settle()
    return order_id


def refunded(shop, people):
    staff, ada = people
    order_id = ada.order("mug", 2)["order_id"]
    shop.settle()
    shop.dispatch(staff, order_id)
    shop.settle()
    [payment] = ada.get(f"/payments?order_id={order_id}")["items"]
    some = {"amount": {"amount": 500, "currency": "EUR"}, "reason": "goodwill"}
    staff.post(f"/payments/{payment['payment_id']}/refunds", some)
    shop.settle()
    return order_id


STORIES = {
    "happy": (happy, "delivered", 2),
    "declined": (declined, "rejected", 0),
    "in_parts": (in_parts, "delivered", 2),
    "cancelled": (cancelled, "cancelled", 0),
    "returned": (returned, "returned", 0),
    "refunded": (refunded, "shipped", 2),
}


class Stage:
    """A platform with a shop that has plenty, and what of it is left."""

    def __init__(self, assembly):
        self.platform = Platform.start(assembly, seed=0, throttle=False)
        self.shop = Shop(self.platform.client(), self.platform.webhook_secrets)
        self.shop.join("admin@commerce.example", "Grace")
        self.shop.join("ada@customer.example")
        self.people = self._sign_in()
        self.shop.stock(self.people[0], "mug", 100_000)
        self.shop.settle()
        self.runs = 0

    def _sign_in(self):
        return self.shop.sign_in("admin@commerce.example"), self.shop.sign_in("ada@customer.example")

    def play(self, story):
        self.people = self._sign_in()  # an earlier run's waiting may have outlived the tokens
        self.runs += 1
        return story(self.shop, self.people)

    def available(self):
        return self._sign_in()[0].get("/inventory/stock/mug")["available"]


@pytest.fixture
def stage(assembly):
    stages = []

    def fresh():
        if not stages or stages[-1].runs >= RUNS_PER_PLATFORM:
            if stages:
                stages[-1].platform.stop()
            stages.append(Stage(assembly))
        return stages[-1]

    yield fresh
    if stages:
        stages[-1].platform.stop()


def failing_calls(stage, story):
    """The relative indices of an undisturbed run's calls that can fail in our code's sight."""
    stage.play(story)
    seam, mark = stage.platform.seam, None
    stage.people = stage._sign_in()
    mark = seam.mark()
    story(stage.shop, stage.people)
    calls = [call for call in seam.calls if call.index >= mark]
    return [call.index - mark for call in calls if call.kind == "function" or call.service in CARRIED]


def _first(name, way):
    """Where the sample of a story and a way begins: spread over the step, so that together they try many."""
    number = list(STORIES).index(name) * len(TIMES) + list(TIMES).index(way)
    return number * STEP // (len(STORIES) * len(TIMES))


def at_one_call(name, way, calls):
    kind, times = TIMES[way]
    return [((kind, index, times),) for index in calls[_first(name, way) :: STEP]]


def at_two_calls(calls):
    lots, pairs = random.Random(SEED), list(combinations(calls, 2))
    some = pairs if PAIRS == "all" else lots.sample(pairs, int(PAIRS))
    return [tuple((lots.choice(KINDS), index, 1) for index in pair) for pair in some]


def at_several_calls(name, calls):
    lots = random.Random(f"{SEED} {name}")
    return [tuple((lots.choice(KINDS), index, 1) for index in sorted(lots.sample(calls, 5))) for _ in range(SEVERAL)]


def written(faults):
    return ",".join(f"{kind}@{index}x{times}" for kind, index, times in faults)


def read(text):
    for one in text.split(","):
        kind, _, where = one.partition("@")
        index, _, times = where.partition("x")
        yield kind, int(index), int(times or 1)


def ends_as_it_would_have(stage, name, faults):
    """Play it with these faults; the promises hold, and the order and its stock are where they belong."""
    story, status, gone = STORIES[name]
    before = stage.available()
    stage.people = stage._sign_in()
    mark, injected = stage.platform.seam.mark(), stage.platform.seam.faults
    for kind, index, times in faults:
        injected.add(kind, index=mark + index, times=times)
    try:
        order_id = story(stage.shop, stage.people)
        stage.runs += 1
        injected.clear()
        stage.platform.advance(600)  # what stands still is found and driven on
        stage.shop.settle()
        order = stage._sign_in()[1].get(f"/orders/{order_id}")
        assert order["status"] == status, f"{order['status']} {order.get('reason')}"
        assert stage.available() == before - gone
        assert stage.shop.promises_broken() == []
    except Exception as error:
        struck = [f"{fault.kind} at {call}" for fault, call in injected.struck[-len(faults) :]]
        again = (
            f"COMMERCE_FAULTS={written(faults)} ./commerce test tests/system/test_crash_anywhere.py -k 'one and {name}'"
        )
        pytest.fail(f"{error}\n{struck}\nreproduce: {again}")


def try_all(stage, name, way, planned, record_property):
    for faults in [tuple(read(ONLY))] if ONLY else planned:
        ends_as_it_would_have(stage(), name, faults)
    record_property("faults", len(planned))
    print(f"crash anywhere: {name}, {way}: {len(planned)} of {len(planned)}")


@pytest.mark.parametrize("way", TIMES)
@pytest.mark.parametrize("name", STORIES)
def test_a_failure_at_any_one_call_changes_nothing_in_the_end(name, way, stage, record_property):
    calls = failing_calls(stage(), STORIES[name][0])
    try_all(stage, name, way, at_one_call(name, way, calls), record_property)


def test_nor_do_failures_at_two_calls(stage, record_property):
    calls = failing_calls(stage(), declined)
    try_all(stage, "declined", "pairs", at_two_calls(calls), record_property)


@pytest.mark.parametrize("name", STORIES)
def test_nor_do_several(name, stage, record_property):
    calls = failing_calls(stage(), STORIES[name][0])
    try_all(stage, name, "several", at_several_calls(name, calls), record_property)
