"""Promise 13: whatever call fails, and however, after redelivery the order is what it would have been.

Each call of a story, by its index, is made to fail in each way. The first run shows how many calls there are; the
runs after it repeat the story, with one fault each. `COMMERCE_CRASH_STEP=1` tries every index (the default here takes
one of many, starting elsewhere for each kind and story, so that the suite stays short); a failure prints its
reproducer.
"""

import os

import pytest

from local.platform import Platform
from local.shop import Shop

FILE = "tests/system/test_crash_anywhere.py"
KINDS = ("crash_before", "crash_after", "timeout_after", "throttle", "duplicate")
STEP = int(os.environ.get("COMMERCE_CRASH_STEP", "120"))
ONLY = os.environ.get("COMMERCE_CRASH_AT")
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


def _first(name, kind):
    """Where the sample of a story and a kind begins: spread over the step, so that together they try many."""
    number = list(STORIES).index(name) * len(KINDS) + KINDS.index(kind)
    return number * STEP // (len(STORIES) * len(KINDS))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STORIES)
def test_a_failure_at_any_call_changes_nothing_in_the_end(name, kind, stage, record_property):
    story, status, gone = STORIES[name]
    indices = [int(ONLY)] if ONLY else failing_calls(stage(), story)[_first(name, kind) :: STEP]
    tried = 0
    for index in indices:
        now = stage()
        before = now.available()
        now.people = now._sign_in()
        now.platform.seam.faults.add(kind, index=now.platform.seam.mark() + index)
        reproduce = (
            f"COMMERCE_CRASH_AT={index} ./commerce test tests/system/test_crash_anywhere.py -k '{kind} and {name}'"
        )
        try:
            order_id = story(now.shop, now.people)
            now.runs += 1
            now.platform.seam.faults.clear()
            now.platform.advance(600)  # what stands still is found and driven on
            now.shop.settle()
            order = now._sign_in()[1].get(f"/orders/{order_id}")
            assert order["status"] == status, f"{order['status']} {order.get('reason')}"
            assert now.available() == before - gone
            assert now.shop.promises_broken() == []
        except Exception as error:
            struck = [f"{fault.kind} at {call}" for fault, call in now.platform.seam.faults.struck[-1:]]
            pytest.fail(f"{error}\n{struck}\nreproduce: {reproduce}")
        tried += 1
    record_property("faults", tried)
    print(f"crash anywhere: {name}, {kind}: {tried} of {tried}")
