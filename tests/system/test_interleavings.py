"""Two at once: whatever the order of their calls, one wins, or both do what both may, and nothing is lost or doubled.

By default a sample of the schedules of each race; `COMMERCE_SCHEDULES=all` plays every one. A failure names its race
and its turns: `COMMERCE_RACE='<race>' COMMERCE_TURNS='0 1 1 0'` plays it again.
"""

import json
import os
from itertools import count

import pytest

from local.shop import ADDRESS, PASSWORD, euro
from tests.system.schedules import race, sample

ASKED = os.environ.get("COMMERCE_SCHEDULES", "3")
WARM = 2  # by lot, before turns are counted: a function's first calls are for its keys and secrets
TURNS = [int(turn) for turn in os.environ.get("COMMERCE_TURNS", "").split()]
ONLY = os.environ.get("COMMERCE_RACE")
numbers = count()


class Race:
    """Made anew for each schedule. `requests` are what is sent at once; `check` looks at what came of it."""

    def __init__(self, platform, shop):
        self.platform, self.shop = platform, shop
        self.staff = shop.sign_in("admin@commerce.example")
        self.ada = shop.sign_in("ada@customer.example")
        self.name = f"{type(self).__name__.lower()}-{next(numbers)}"
        self.prepare()
        shop.settle()

    def send(self, method, path, body, token, **headers):
        known = {"content-type": "application/json", "authorization": f"Bearer {token}"} | headers
        return self.platform.start_request(method, path, known, json.dumps(body).encode())

    def stocked(self, quantity):
        self.shop.stock(self.staff, self.name, quantity)
        self.shop.settle()

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
        body = {
            "items": [{"sku": self.name, "quantity": 1}],
            "shipping_address": ADDRESS,
            "shipping_method": "standard",
            "payment_method": "pm_card_visa",
            "coupon": self.name,
        }
        keys = (f"{self.name}-{one}" for one in range(2))
        return [self.send("POST", "/orders", body, self.ada.token, **{"idempotency-key": key}) for key in keys]

    def check(self, answers):
        assert sorted(answer.status for answer in answers)[0] == 202
        assert sorted(answer.status for answer in answers)[1] in (409, 422)


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


class TheSamePostTwice(Race):
    def prepare(self):
        self.stocked(5)

    def requests(self):
        body = {
            "items": [{"sku": self.name, "quantity": 1}],
            "shipping_address": ADDRESS,
            "shipping_method": "standard",
            "payment_method": "pm_card_visa",
        }
        key = {"idempotency-key": self.name}
        return [self.send("POST", "/orders", body, self.ada.token, **key) for _ in range(2)]

    def check(self, answers):
        assert [answer.status for answer in answers] == [202, 202]
        assert len({answer.json()["order_id"] for answer in answers}) == 1
        assert sorted(answer.headers.get("idempotent-replayed", "") for answer in answers) == ["", "true"]
        assert self.staff.get(f"/inventory/stock/{self.name}")["available"] == 4


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


RACES = {one.__name__: one for one in Race.__subclasses__()}


@pytest.fixture(scope="module")
def people(staff, ada):
    return staff, ada


@pytest.fixture
def play(platform, shop, people):
    def play(name, turns=(), draw=None):
        now = RACES[name](platform, shop)
        answers, schedule = race(platform, now.requests, turns, draw)
        try:
            shop.settle()
            now.check(answers)
            assert shop.promises_broken() == []
        except AssertionError as error:
            again = f"COMMERCE_RACE={name} COMMERCE_TURNS='{' '.join(map(str, schedule.turns))}'"
            pytest.fail(f"{error}\n{[answer.text[:200] for answer in answers]}\nplay it again: {again}")
        return schedule

    return play


@pytest.mark.parametrize("name", [ONLY] if ONLY else RACES)
def test_in_any_order(play, name):
    by_lot = 0 if TURNS or ASKED == "all" else int(ASKED)
    played = [play(name, draw=draw) for draw in sample(WARM + by_lot, name)]
    if TURNS:
        played.append(play(name, TURNS))
    elif ASKED == "all":
        turns = []
        while turns is not None:
            played.append(play(name, turns))
            turns = played[-1].successor
    alike = sum(schedule.shows_nothing_new for schedule in played)
    print(f"interleavings of {name}: {len(played)} played, {alike} of them like another")
