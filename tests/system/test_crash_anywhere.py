"""Promise 13: whatever call fails, and however, after redelivery the story has ended as it would have.

The first run of a story shows how many calls there are; the runs after it repeat it, with faults at some of them:

    one kind at each call      once, or as often as the SDK tries (`throttle_on`)
    pairs                      two calls of the shortest saga, the kinds drawn by lot
    several                    five faults at once, calls and kinds drawn by lot

`COMMERCE_CRASH_STEP=1` tries every call (the default takes one of many, starting elsewhere for each kind and story, so
that the suite stays short), `COMMERCE_PAIRS=all` every pair of calls, `COMMERCE_SEVERAL=1000` so many runs of each
story; lots are drawn by `COMMERCE_SEED`. A failure prints its reproducer.
"""

import json
import os
import random
from collections.abc import Callable
from itertools import combinations, count
from typing import Any, NamedTuple

import pytest

from local.platform import Platform
from local.shop import PASSWORD, Person, Shop, euro
from tests.system.kept import everything

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
SOME = {"amount": euro(500), "reason": "goodwill"}
CHANGED = {"reason": "changed my mind"}
numbers = count(1)


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


def sold_out(shop, people):
    order_id = people[1].order("rarity", 2)["order_id"]
    shop.settle()
    return order_id


def waits_for_the_customer(shop, people):
    order_id = people[1].order("mug", 2, "pm_card_threeDSecure2Required")["order_id"]
    shop.settle()
    [payment] = people[1].get(f"/payments?order_id={order_id}")["items"]
    return order_id, payment


def asked(shop, people):
    order_id, payment = waits_for_the_customer(shop, people)
    assert shop.client.get(payment["next_action"]["redirect_url"]).status_code == 200
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
    people[1].post(f"/orders/{order_id}/cancel", CHANGED)
    shop.settle()
    return order_id


def cancelled_at_once(shop, people):
    order_id = people[1].order("mug", 2)["order_id"]
    people[1].post(f"/orders/{order_id}/cancel", CHANGED)
    shop.settle()
    return order_id


def cancelled_unpaid(shop, people):
    order_id, _ = waits_for_the_customer(shop, people)
    people[1].post(f"/orders/{order_id}/cancel", CHANGED)
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
    staff.post(f"/payments/{payment['payment_id']}/refunds", SOME)
    shop.settle()
    return order_id


def erased(shop, people):
    """Who has bought something asks to be forgotten."""
    name = f"mallory{next(numbers)}"
    mallory = shop.join(f"{name}@customer.example", name)
    order_id = mallory.order("mug", 2)["order_id"]
    shop.settle()
    assert mallory.ask("DELETE", "/identity/me").status_code in (202, 401)  # 401: the first answer was lost
    shop.settle()
    return name, order_id


def imported(shop, people):
    """A file of two good lines and a bad one."""
    category = f"import{next(numbers)}"
    lines = [
        json.dumps({"sku": f"{category}-{one}", "name": "Thing", "price": euro(price), "category": category})
        for one, price in (("a", 500), ("b", -1), ("c", 700))
    ]
    headers = {
        "authorization": f"Bearer {people[0].token}",
        "idempotency-key": category,
        "content-type": "application/x-ndjson",
    }
    for _ in range(5):
        taken = shop.client.post("/catalog/imports", content="\n".join(lines).encode(), headers=headers)
        if taken.status_code == 202:
            break
    shop.settle()
    return category, taken.json()["import_id"]


def the_order(stage, order_id):
    return stage.sign_in()[1].get(f"/orders/{order_id}")["status"]


def what_is_left(stage, about):
    """Of the order, and where what is said about the person still stands."""
    name, order_id = about
    stage.platform.advance(600)  # what is kept for a grace is gone
    stage.shop.settle()
    staff = stage.sign_in()[0]
    return staff.get(f"/orders/{order_id}")["status"], {
        where for where, text in everything(stage.platform) if name in text
    }


def the_products(stage, about):
    category, import_id = about
    run = stage.sign_in()[0].get(f"/catalog/imports/{import_id}")
    stage.platform.advance(10)  # what has been read is not remembered any more
    on_sale = stage.shop.client.get(f"/catalog/products?category={category}").json()["items"]
    return run["status"], sorted(each["price"]["amount"] for each in on_sale)


class Story(NamedTuple):
    play: Callable[..., Any]  # to its end; what it was about
    end: Any
    gone: int  # mugs that are not for sale any more
    see: Callable[..., Any] = the_order


STORIES = {
    "happy": Story(happy, "delivered", 2),
    "declined": Story(declined, "rejected", 0),
    "sold_out": Story(sold_out, "rejected", 0),
    "asked": Story(asked, "confirmed", 2),
    "in_parts": Story(in_parts, "delivered", 2),
    "cancelled": Story(cancelled, "cancelled", 0),
    "cancelled_at_once": Story(cancelled_at_once, "cancelled", 0),
    "cancelled_unpaid": Story(cancelled_unpaid, "cancelled", 0),
    "returned": Story(returned, "returned", 0),
    "refunded": Story(refunded, "shipped", 2),
    "erased": Story(erased, ("confirmed", set()), 2, what_is_left),
    "imported": Story(imported, ("completed", [500, 700]), 0, the_products),
}


class Patient(Person):
    """Who signs in anew when waiting has outlived the token."""

    def __init__(self, sign_in):
        self._sign_in = sign_in
        person = sign_in()
        super().__init__(person.client, person.token)

    def ask(self, method, path, body=None, **headers):
        answer = super().ask(method, path, body, **headers)
        if answer.status_code != 401:
            return answer
        self.token = self._sign_in().token
        return super().ask(method, path, body, **headers)


class PatientShop(Shop):
    """What is struck three times is heard the fourth time, each a visibility time-out of minutes after the other."""

    def settle(self, timeout_s=3600):
        super().settle(timeout_s)

    def sign_in(self, email, password=PASSWORD):
        return Patient(lambda: Shop.sign_in(self, email, password))


class Stage:
    """A platform with a shop that has plenty, and what of it is left."""

    def __init__(self, assembly):
        self.platform = Platform.start(assembly, seed=0, throttle=False)
        self.shop = PatientShop(self.platform.client(), self.platform.webhook_secrets)
        self.shop.join("admin@commerce.example", "Grace")
        self.shop.join("ada@customer.example")
        staff, _ = self.sign_in()
        self.shop.stock(staff, "mug", 100_000)
        self.shop.stock(staff, "rarity", 1)
        self.shop.settle()
        self.runs = 0

    def sign_in(self):
        """Anew: an earlier run's waiting may have outlived the tokens."""
        return self.shop.sign_in("admin@commerce.example"), self.shop.sign_in("ada@customer.example")

    def play(self, story, *faults):
        """With faults at calls from now on; what it was about, and the calls."""
        people = self.sign_in()
        seam, mark = self.platform.seam, self.platform.seam.mark()
        for kind, index, times in faults:
            seam.faults.add(kind, index=mark + index, times=times)
        self.runs += 1
        about = story.play(self.shop, people)
        return about, [call for call in seam.calls if call.index >= mark], mark

    def available(self):
        return self.sign_in()[0].get("/inventory/stock/mug")["available"]


class Stages:
    """One platform after the other: a new one when one has seen much, or something has broken."""

    def __init__(self, assembly):
        self._assembly = assembly
        self._stage = None
        self._calls = {}

    def one(self):
        if self._stage and self._stage.runs >= RUNS_PER_PLATFORM:
            self.leave()
        self._stage = self._stage or Stage(self._assembly)
        return self._stage

    def leave(self):
        if self._stage:
            self._stage.platform.stop()
        self._stage = None

    def calls(self, name):
        """The relative indices of an undisturbed run's calls that can fail in our code's sight."""
        if name not in self._calls:
            stage = self.one()
            stage.play(STORIES[name])  # nothing is new to the second
            _, calls, mark = stage.play(STORIES[name])
            self._calls[name] = [
                call.index - mark for call in calls if call.kind == "function" or call.service in CARRIED
            ]
        return self._calls[name]


@pytest.fixture(scope="module")
def stages(assembly):
    stages = Stages(assembly)
    yield stages
    stages.leave()


def _first(name, way):
    """Where the sample of a story and a way begins: spread over the step, so that together they try many."""
    number = list(STORIES).index(name) * len(TIMES) + list(TIMES).index(way)
    return number * STEP // (len(STORIES) * len(TIMES))


def at_one_call(name, way, calls):
    kind, times = TIMES[way]
    return [((kind, index, times),) for index in calls[_first(name, way) % len(calls) :: STEP]]


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


def ends_as_it_would_have(stages, name, faults):
    """Play it with these faults; the promises hold, and what it is about and the stock are where they belong."""
    stage, story = stages.one(), STORIES[name]
    before, injected = stage.available(), stage.platform.seam.faults
    try:
        about, _, _ = stage.play(story, *faults)
        injected.clear()
        stage.platform.advance(600)  # what stands still is found and driven on
        stage.shop.settle()
        assert story.see(stage, about) == story.end
        assert stage.available() == before - story.gone
        assert stage.shop.promises_broken() == []
    except Exception as error:
        struck = [f"{fault.kind} at {call}" for fault, call in injected.struck[-len(faults) :]]
        again = f"COMMERCE_FAULTS={written(faults)} ./commerce test {FILE} -k '[{name}-throttle]'"
        stages.leave()
        pytest.fail(f"{error}\n{struck}\nreproduce: {again}")


def try_all(stages, name, way, planned, record_property):
    for faults in [tuple(read(ONLY))] if ONLY else planned:
        ends_as_it_would_have(stages, name, faults)
    record_property("faults", len(planned))
    print(f"crash anywhere: {name}, {way}: {len(planned)} of {len(planned)}")


@pytest.mark.parametrize("way", TIMES)
@pytest.mark.parametrize("name", STORIES)
def test_a_failure_at_any_one_call_changes_nothing_in_the_end(name, way, stages, record_property):
    try_all(stages, name, way, at_one_call(name, way, stages.calls(name)), record_property)


def test_nor_do_failures_at_two_calls(stages, record_property):
    try_all(stages, "declined", "pairs", at_two_calls(stages.calls("declined")), record_property)


@pytest.mark.parametrize("name", STORIES)
def test_nor_do_several(name, stages, record_property):
    try_all(stages, name, "several", at_several_calls(name, stages.calls(name)), record_property)
