"""A few at once: whatever the order of their calls, each does what it may, and nothing is lost or doubled.

By default a sample of the schedules of each race; `COMMERCE_SCHEDULES=all` plays every one. A failure names its race
and its turns: `COMMERCE_RACE='<race>' COMMERCE_TURNS='0 1 1 0'` plays it again.
"""

import json
import os
import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from local.client import Pending
from local.shop import ADDRESS, PASSWORD, euro
from tests.system.branches import branches, leave
from tests.system.schedules import Invocations, Requests, Schedule, chosen_by, sample

ASKED = os.environ.get("COMMERCE_SCHEDULES", "5")
MANY = 10  # failures, that are told of
TURNS = [int(turn) for turn in os.environ.get("COMMERCE_TURNS", "").split()]
ONLY = os.environ.get("COMMERCE_RACE")
RACES = {}


class Race:
    """`requests` are what is sent at once; `check` looks at what came of it, and says who has won.

    With `functions`, it is their invocations that race, those of consumers and sagas too, until nothing is on its way;
    the first wait until as many as `expected` are there.
    """

    functions = ()
    expected = 1
    ends = 2  # that it may have, each of which comes of some schedule

    def __init_subclass__(cls):
        RACES[cls.__name__] = cls

    def __init__(self, platform, shop):
        self.platform, self.shop = platform, shop
        self.sign_in()
        self.name = type(self).__name__.lower()
        self.prepare()
        shop.settle()

    def sign_in(self):
        self.staff = self.shop.sign_in("admin@commerce.example")
        self.ada = self.shop.sign_in("ada@customer.example")

    def play(self, way):
        """Once, by these turns or by lot."""
        drawn = isinstance(way, random.Random)
        pending = []
        racers = Invocations(self.platform, self.functions, self.expected) if self.functions else Requests(pending)
        schedule = Schedule(racers, () if drawn else way, way if drawn else None)
        answers, end, broken = [], None, None
        try:
            with chosen_by(self.platform, schedule):
                pending += self.requests()
                answers += [one.result() for one in pending]
                if self.functions:
                    self.platform.settle()
            self.shop.settle()
            end = self.check(answers)
            assert self.shop.promises_broken() == []
            leave(self.platform)
        except Exception as error:
            broken = f"{type(error).__name__}: {error}\n{[str(answer)[:200] for answer in answers]}"
        return Played(schedule.turns, list(schedule.siblings), schedule.shows_nothing_new, end, broken)

    def send(self, method, path, body, token, **headers):
        known = {"content-type": "application/json", "authorization": f"Bearer {token}"} | headers
        return self.platform.start_request(method, path, known, json.dumps(body).encode())

    def stocked(self, quantity):
        self.shop.stock(self.staff, self.name, quantity)
        self.shop.settle()

    def buying(self, number, quantity=1, **more):
        body = {
            "items": [{"sku": self.name, "quantity": quantity}],
            "shipping_address": ADDRESS,
            "shipping_method": "standard",
            "payment_method": "pm_card_visa",
            **more,
        }
        return self.send("POST", "/orders", body, self.ada.token, **{"idempotency-key": f"{self.name}-{number}"})

    def shipped(self):
        self.stocked(5)
        order_id = self.ada.order(self.name)["order_id"]
        self.shop.settle()
        self.shop.dispatch(self.staff, order_id)
        self.shop.settle()
        return order_id


class LastUseOfACoupon(Race):
    def prepare(self):
        self.stocked(10)
        coupon = {"code": self.name, "kind": "percent", "value": 10, "max_uses": 1}
        self.staff.post("/catalog/coupons", coupon)

    def requests(self):
        return [self.buying(number, coupon=self.name) for number in range(2)]

    def check(self, answers):
        assert sorted(answer.status for answer in answers)[0] == 202
        assert sorted(answer.status for answer in answers)[1] in (409, 422)
        return [answer.status for answer in answers]


class TwoRefunds(Race):
    def prepare(self):
        order_id = self.shipped()
        [payment] = self.ada.get(f"/payments?order_id={order_id}")["items"]
        self.path, self.captured = f"/payments/{payment['payment_id']}", payment["captured"]["amount"]

    def requests(self):
        body = {"amount": euro(self.captured * 2 // 3), "reason": "goodwill"}
        keys = (f"{self.name}-{one}" for one in range(2))
        path = f"{self.path}/refunds"
        return [self.send("POST", path, body, self.staff.token, **{"idempotency-key": key}) for key in keys]

    def check(self, answers):
        assert sorted(answer.status for answer in answers) == [202, 409]
        assert self.ada.get(self.path)["refunded"]["amount"] == self.captured * 2 // 3
        return [answer.status for answer in answers]


class TheSamePostTwice(Race):
    def prepare(self):
        self.stocked(5)

    def requests(self):
        return [self.buying(0), self.buying(0)]

    def check(self, answers):
        assert [answer.status for answer in answers] == [202, 202]
        assert len({answer.json()["order_id"] for answer in answers}) == 1
        assert sorted(answer.headers.get("idempotent-replayed", "") for answer in answers) == ["", "true"]
        assert self.staff.get(f"/inventory/stock/{self.name}")["available"] == 4
        return [answer.headers.get("idempotent-replayed", "made") for answer in answers]


class TheSameAdjustmentTwice(Race):
    def prepare(self):
        self.stocked(5)

    def requests(self):
        body, path = (
            {"warehouse_id": "main", "delta": 3, "reason": "found"},
            f"/inventory/stock/{self.name}/adjustments",
        )
        key = {"idempotency-key": self.name}
        return [self.send("POST", path, body, self.staff.token, **key) for _ in range(2)]

    def check(self, answers):
        assert {answer.status for answer in answers} == {201}
        assert self.staff.get(f"/inventory/stock/{self.name}")["on_hand"] == 8
        return [answer.headers.get("idempotent-replayed", "made") for answer in answers]


class TwoWriters(Race):
    def prepare(self):
        self.product = self.shop.stock(self.staff, self.name, 1)["product_id"]

    def requests(self):
        path = f"/catalog/products/{self.product}"
        etag = self.staff.ask("GET", path).headers["etag"]
        return [
            self.send("PATCH", path, {"name": name}, self.staff.token, **{"if-match": etag})
            for name in ("One", "Other")
        ]

    def check(self, answers):
        assert sorted(answer.status for answer in answers) == [200, 412]
        return [answer.status for answer in answers]


class OneSkuForTwo(Race):
    def prepare(self):
        pass

    def requests(self):
        body = {"sku": self.name, "name": "Mug", "category": "home", "price": euro(1)}
        keys = (f"{self.name}-{one}" for one in range(2))
        path = "/catalog/products"
        return [self.send("POST", path, body, self.staff.token, **{"idempotency-key": key}) for key in keys]

    def check(self, answers):
        assert sorted(answer.status for answer in answers) == [201, 409]
        return [answer.status for answer in answers]


class OneRefreshTokenTwice(Race):
    def prepare(self):
        login = {"email": "ada@customer.example", "password": PASSWORD}
        self.token = self.shop.client.post("/identity/login", json=login).json()["refresh_token"]

    def requests(self):
        return [self.send("POST", "/identity/refresh", {"refresh_token": self.token}, "") for _ in range(2)]

    def check(self, answers):
        assert sorted(answer.status for answer in answers) in ([200, 401], [401, 401])
        for answer in answers:  # whoever was second has shown a spent one: the family is dead
            if answer.status == 200:
                again = {"refresh_token": answer.json()["refresh_token"]}
                assert self.shop.client.post("/identity/refresh", json=again).status_code == 401
        return [answer.status for answer in answers]


class CancelAgainstDispatch(Race):
    def prepare(self):
        self.stocked(5)
        self.order = self.ada.order(self.name)["order_id"]
        self.shop.settle()
        [shipment] = self.staff.get(f"/shipments?order_id={self.order}")["items"]
        self.shipment = f"/shipments/{shipment['shipment_id']}"

    def requests(self):
        keys = ({"idempotency-key": f"{self.name}-{one}"} for one in range(2))
        return [
            self.send("POST", f"/orders/{self.order}/cancel", {}, self.ada.token, **next(keys)),
            self.send("POST", f"{self.shipment}/dispatch", {}, self.staff.token, **next(keys)),
        ]

    def check(self, answers):
        order = self.ada.get(f"/orders/{self.order}")
        left = self.staff.get(self.shipment)["status"] == "dispatched"
        assert order["status"] == ("shipped" if left else "cancelled")
        assert [answer.status for answer in answers] == ([409, 200] if left else [202, 409])
        story = [entry["type"] for entry in self.ada.get(f"/orders/{self.order}/timeline?limit=100")["items"]]
        assert ("OrderCancelRequested" in story) == (not left)
        [payment] = self.ada.get(f"/payments?order_id={self.order}")["items"]
        assert payment["status"] == ("captured" if left else "voided")
        return order["status"]


class BuyersOfTooFew(Race):
    """Three orders of two, and four are there."""

    functions = ("commerce-inventory-tasks",)
    expected = 3
    ends = 3

    def prepare(self):
        self.stocked(4)

    def requests(self):
        return [self.buying(number, quantity=2) for number in range(3)]

    def check(self, answers):
        ends = [self.ada.get(f"/orders/{answer.json()['order_id']}")["status"] for answer in answers]
        assert sorted(ends) == ["confirmed", "confirmed", "rejected"]
        stock = self.staff.get(f"/inventory/stock/{self.name}")
        assert (stock["on_hand"], stock["reserved"], stock["available"]) == (4, 4, 0)
        return ends


class CancelAgainstCapture(CancelAgainstDispatch):
    """The parcel leaves at once, and while its payment is being taken the customer cancels."""

    functions = ("commerce-order-api", "commerce-order-tasks", "commerce-payment-tasks", "commerce-shipping-tasks")
    ends = 1


class HoldAgainstExpiry(Race):
    """The bank has said yes just in time, and the sweeper comes by."""

    functions = ("commerce-inventory-tasks", "commerce-inventory-sweeper")
    expected = 2

    def prepare(self):
        self.stocked(1)
        self.order = self.ada.order(self.name, payment_method="pm_card_threeDSecure2Required")["order_id"]
        self.shop.settle()
        [payment] = self.ada.get(f"/payments?order_id={self.order}")["items"]
        self.redirect = payment["next_action"]["redirect_url"]

    def requests(self):
        assert self.shop.client.get(self.redirect).status_code == 200
        over = datetime.fromtimestamp(self.platform.now() + 3600, UTC).isoformat()
        event = json.dumps({"id": self.name, "time": over}).encode()
        sweep = self.platform.operate(lambda: self.platform.functions.run("commerce-inventory-sweeper", event))
        return [Pending(self.platform, sweep)]

    def check(self, answers):
        order = self.ada.get(f"/orders/{self.order}")
        [payment] = self.ada.get(f"/payments?order_id={self.order}")["items"]
        left = self.staff.get(f"/inventory/stock/{self.name}")["available"]
        assert (order["status"], payment["status"], left) in (("confirmed", "authorized", 0), ("rejected", "voided", 1))
        return order["status"]


class RetryAgainstCompensate(Race):
    """Of what the bank has not answered for long: one of the staff asks it again, another gives all back."""

    functions = ("commerce-order-api", "commerce-payment-tasks")
    expected = 2
    ends = 3

    def prepare(self):
        self.stocked(5)
        self.order = self.ada.order(self.name)["order_id"]
        self.shop.settle()
        self.platform.seam.faults.add("error", service="stripe", operation="capture", times=1_000_000)
        self.shop.dispatch(self.staff, self.order)
        for _ in range(25):
            self.platform.advance(120)
            self.shop.settle()
        self.platform.seam.faults.clear()
        self.sign_in()
        assert self.staff.get(f"/orders/{self.order}")["status"] == "needs_attention"

    def requests(self):
        return [
            self.send(
                "POST", f"/orders/{self.order}/{what}", {"reason": what}, self.staff.token, **{"idempotency-key": what}
            )
            for what in ("retry", "compensate")
        ]

    def check(self, answers):
        assert [answer.status for answer in answers] in ([202, 202], [409, 202], [202, 409])
        self.platform.advance(1200)  # what has failed in between is driven on
        self.shop.settle()
        self.sign_in()
        order = self.staff.get(f"/orders/{self.order}")
        [payment] = self.staff.get(f"/payments?order_id={self.order}")["items"]
        compensated = answers[1].status == 202
        assert order["status"] == ("cancelled" if compensated else "shipped")
        assert payment["status"] in (("voided", "refunded") if compensated else ("captured",))
        return [answer.status for answer in answers], payment["status"]


class WebhookAgainstSaga(Race):
    """Stripe tells of the authorization, while the step that has asked for it writes it down."""

    functions = ("commerce-payment-tasks", "commerce-payment-api")

    def prepare(self):
        self.stocked(5)

    def requests(self):
        return [self.buying(0)]

    def check(self, answers):
        order = answers[0].json()["order_id"]
        assert self.ada.get(f"/orders/{order}")["status"] == "confirmed"
        [payment] = self.ada.get(f"/payments?order_id={order}")["items"]
        assert payment["status"] == "authorized"
        told = self.staff.get(f"/orders/{order}/timeline?limit=100")["items"]
        assert [entry["type"] for entry in told].count("PaymentAuthorized") == 1
        return next(entry["actor"] for entry in told if entry["type"] == "PaymentAuthorized")


class Played(NamedTuple):
    turns: list[int]
    siblings: list[list[int]]
    shows_nothing_new: bool
    end: Any  # of those that the race may have
    broken: str | None


@pytest.fixture(scope="module")
def explore(platform, shop, staff, ada):
    """What came of each schedule of a race, on a platform that has seen nothing else."""

    def explore(name):
        race, played = RACES[name](platform, shop), []
        ways = [TURNS] if TURNS else [[]] if ASKED == "all" else list(sample(int(ASKED), name))
        for _, one in branches(race.play, ways):
            played.append(one)
            ways += one.siblings if ASKED == "all" and not TURNS else ()
        return played

    return explore


@pytest.mark.parametrize("name", [ONLY] if ONLY else RACES)
def test_in_any_order(explore, name):
    [(_, played)] = branches(explore, [name])
    alike = sum(one.shows_nothing_new for one in played)
    ends = Counter(str(one.end) for one in played if not one.broken)
    assert all(one.turns or one.broken for one in played), "nobody had a choice: this is no race"
    print(f"interleavings of {name}: {len(played)} played, {alike} of them like another; {dict(ends)}")
    broken = [
        f"{one.broken}\nplay it again: COMMERCE_RACE={name} COMMERCE_TURNS='{' '.join(map(str, one.turns))}'"
        for one in played
        if one.broken
    ]
    if broken:
        pytest.fail("\n\n".join(broken[:MANY]))
    if ASKED == "all" and not TURNS:
        assert len(ends) == RACES[name].ends
