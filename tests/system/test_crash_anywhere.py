"""Promise 13: whatever call fails, and however, after redelivery the story has ended as it would have.

An undisturbed run of a story shows how many calls there are; other runs repeat it from the same moment, each in a
process of its own, with faults at some of them:

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
from itertools import combinations
from typing import Any, NamedTuple

import pytest

from local.platform import Platform
from local.shop import PASSWORD, Person, Refused, Shop, euro
from tests.system.branches import branches, leave
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
PLENTY = 100_000
ADMIN, ADA = "admin@commerce.example", "ada@customer.example"
CARRIED = {"lambda", "stepfunctions"}  # of what carriers call; the rest is AWS's own business
SOME = {"amount": euro(500), "reason": "goodwill"}
CHANGED = {"reason": "changed my mind"}


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
    name = "mallory"
    mallory = shop.join(f"{name}@customer.example", name)
    order_id = mallory.order("mug", 2)["order_id"]
    shop.settle()
    assert mallory.ask("DELETE", "/identity/me").status_code in (202, 401)  # 401: the first answer was lost
    shop.settle()
    return name, order_id


def imported(shop, people):
    """A file of two good lines and a bad one."""
    category = "imported"
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
    return stage.people[1].get(f"/orders/{order_id}")["status"]


def what_is_left(stage, about):
    """Of the order, and where what is said about the person still stands."""
    name, order_id = about
    stage.platform.advance(600)  # what is kept for a grace is gone
    stage.shop.settle()
    return stage.staff.get(f"/orders/{order_id}")["status"], {
        where for where, text in everything(stage.platform) if name in text
    }


def the_products(stage, about):
    category, import_id = about
    run = stage.staff.get(f"/catalog/imports/{import_id}")
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

    def confirm(self, email):
        try:
            super().confirm(email)
        except Refused as refused:
            assert refused.code == "invalid_token"  # it is used: the first answer was lost

    def sign_in(self, email, password=PASSWORD):
        return Patient(lambda: Shop.sign_in(self, email, password))


class Stage:
    """A platform with a shop that has plenty, where nothing has been bought yet. Every run goes on from there."""

    def __init__(self, assembly):
        self.platform = Platform.start(assembly, seed=0, throttle=False)
        self.shop = PatientShop(self.platform.client(), self.platform.webhook_secrets)
        self.shop.join(ADMIN, "Grace")
        self.shop.join(ADA)
        self.people = self.staff, _ = self.shop.sign_in(ADMIN), self.shop.sign_in(ADA)
        self.shop.stock(self.staff, "mug", PLENTY)
        self.shop.stock(self.staff, "rarity", 1)
        self.shop.settle()
        self._calls = {}

    def calls(self, name):
        """Those of an undisturbed run that can fail in our code's sight, as indices from its beginning."""
        if name not in self._calls:
            [(_, self._calls[name])] = branches(self._undisturbed, [STORIES[name]])
        return self._calls[name]

    def _undisturbed(self, story):
        mark = self.platform.seam.mark()
        story.play(self.shop, self.people)
        calls = [call for call in self.platform.seam.calls if call.index >= mark]
        return [call.index - mark for call in calls if call.kind == "function" or call.service in CARRIED]

    def broken(self, story, faults):
        """What is not as it should be after the story with these faults; None if nothing."""
        seam = self.platform.seam
        mark, injected = seam.mark(), seam.faults
        for kind, index, times in faults:
            injected.add(kind, index=mark + index, times=times)
        try:
            about = story.play(self.shop, self.people)
            injected.clear()
            self.platform.advance(600)  # what stands still is found and driven on
            self.shop.settle()
            assert story.see(self, about) == story.end
            assert self.staff.get("/inventory/stock/mug")["available"] == PLENTY - story.gone
            assert self.shop.promises_broken() == []
            leave(self.platform)
        except Exception as error:
            where = {call.index: f"{call.service}.{call.operation} by {call.caller}" for call in seam.calls}
            struck = [f"{fault.kind} at {index - mark}, {where.get(index)}" for fault, index in injected.struck]
            return "\n".join([f"{type(error).__name__}: {error}", *struck])
        return None


@pytest.fixture(scope="module")
def stage(assembly):
    stage = Stage(assembly)
    yield stage
    stage.platform.stop()


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


def try_all(stage, name, way, planned, record_property):
    """Play it with each of these; the promises hold, and what it is about and the stock are where they belong."""
    story, tried, failed = STORIES[name], [tuple(read(ONLY))] if ONLY else planned, []
    for faults, broken in branches(lambda faults: stage.broken(story, faults), tried):
        if broken:
            again = f"COMMERCE_FAULTS={written(faults)} ./commerce test {FILE} -k '[{name}-throttle]'"
            failed.append(f"{broken}\nreproduce: {again}")
    record_property("faults", len(tried))
    print(f"crash anywhere: {name}, {way}: {len(tried) - len(failed)} of {len(tried)}")
    if failed:
        pytest.fail("\n\n".join(failed))


@pytest.mark.parametrize("way", TIMES)
@pytest.mark.parametrize("name", STORIES)
def test_a_failure_at_any_one_call_changes_nothing_in_the_end(name, way, stage, record_property):
    try_all(stage, name, way, at_one_call(name, way, stage.calls(name)), record_property)


def test_nor_do_failures_at_two_calls(stage, record_property):
    try_all(stage, "declined", "pairs", at_two_calls(stage.calls("declined")), record_property)


@pytest.mark.parametrize("name", STORIES)
def test_nor_do_several(name, stage, record_property):
    try_all(stage, name, "several", at_several_calls(name, stage.calls(name)), record_property)
