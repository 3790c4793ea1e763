"""What customers, staff, the bank and the carrier do at the same moment: one story comes out, and it adds up.

Each seed lets others go first. What the laptop's scheduler can order in another way, AWS can. `COMMERCE_SEEDS=20` tries
more of them.
"""

import json
import os
from collections import Counter
from urllib.parse import urlsplit

import pytest

from local.platform import Platform
from local.shop import ADDRESS, Shop

SEEDS = int(os.environ.get("COMMERCE_SEEDS", "2"))
USES, BUYERS, ROUNDS = 3, 3, 4


@pytest.fixture(scope="module", params=range(SEEDS))
def raced(assembly, request):
    with Platform.start(assembly, seed=request.param, throttle=False) as platform:
        yield platform


@pytest.fixture
def shop(raced):
    shop = Shop(raced.client(), raced.webhook_secrets)
    yield shop
    shop.settle()
    assert shop.promises_broken() == []


@pytest.fixture
def people(raced, shop):
    """Staff, and as many buyers as it takes. They join once, and sign in for each test."""
    emails = ["admin@commerce.example", *(f"buyer-{number}@customer.example" for number in range(BUYERS))]
    known = getattr(raced, "joined", None)
    if not known:
        for email in emails:
            shop.join(email)
        raced.joined = True
    return [shop.sign_in(email) for email in emails]


def start(platform, person, path, body, key):
    """Ask, and do not wait for the answer."""
    headers = {"authorization": f"Bearer {person.token}", "idempotency-key": key, "content-type": "application/json"}
    return platform.start_request("POST", path, headers, json.dumps(body).encode())


def answers(pending):
    return [(each.result().status, json.loads(each.result().body or b"{}").get("code")) for each in pending]


def test_of_many_who_use_a_coupon_at_once_exactly_as_many_get_it_as_it_says(raced, shop, people):
    staff, *buyers = people
    shop.stock(staff, "mug", 100)
    how = {"code": "RUSH", "kind": "percent", "value": 10, "max_uses": USES, "max_uses_per_customer": 1}
    staff.post("/catalog/coupons", how)
    shop.settle()
    raced.seam.faults.add("conflict", service="dynamodb", operation="TransactWriteItems", times=3)
    body = {
        "items": [{"sku": "mug", "quantity": 1}],
        "shipping_address": ADDRESS,
        "shipping_method": "standard",
        "payment_method": "pm_card_visa",
        "coupon": "rush",
    }
    given = answers([start(raced, buyer, "/orders", body, f"{turn}") for turn in range(3) for buyer in buyers])
    assert Counter(given) == {(202, None): USES, (422, "coupon_used_up"): 3 * BUYERS - USES}


def test_a_cancellation_while_the_order_is_being_placed_ends_in_one_way(raced, shop, people):
    """However far the saga has come: cancelled, or confirmed first and then cancelled; money and stock are back."""
    staff, ada, *_ = people
    shop.stock(staff, "cup", 100)
    shop.settle()
    before = staff.get("/inventory/stock/cup")["available"]
    orders = []
    for number in range(ROUNDS):
        orders.append(ada.order("cup", 2)["order_id"])
        for _ in range(number * 3):  # meanwhile the saga comes further, each time
            ada.get(f"/orders/{orders[-1]}")
        ada.post(f"/orders/{orders[-1]}/cancel", {"reason": "changed my mind"})
    shop.settle()
    found = [ada.get(f"/orders/{order_id}") for order_id in orders]
    assert {order["status"] for order in found} == {"cancelled"}
    assert all(order["payment"]["status"] in ("voided", "authorizing") for order in found)
    assert staff.get("/inventory/stock/cup")["available"] == before


def test_a_cancellation_and_the_banks_yes_at_once_take_no_money(raced, shop, people):
    staff, ada, *_ = people
    shop.stock(staff, "bowl", 100)
    shop.settle()
    for number in range(ROUNDS):
        order_id = ada.order("bowl", 1, "pm_card_threeDSecure2Required")["order_id"]
        shop.settle()
        assert ada.get(f"/orders/{order_id}")["status"] == "awaiting_payment"
        [payment] = ada.get(f"/payments?order_id={order_id}")["items"]
        cancel = start(raced, ada, f"/orders/{order_id}/cancel", {}, f"bank-{number}")
        if number % 2:
            assert cancel.result().status == 202
        redirect = urlsplit(payment["next_action"]["redirect_url"])
        assert shop.client.get(f"{redirect.path}?{redirect.query}").status_code == 200
        assert cancel.result().status == 202
        shop.settle()
        order = ada.get(f"/orders/{order_id}")
        assert (order["status"], order["payment"]["status"]) == ("cancelled", "voided")
    assert staff.get("/inventory/stock/bowl")["available"] == 100


def test_who_cancels_what_has_left_is_told_so_before_the_order_knows(raced, shop, people):
    staff, ada, *_ = people
    shop.stock(staff, "tray", ROUNDS)
    shop.settle()
    for _ in range(ROUNDS):
        order_id = ada.order("tray", 1)["order_id"]
        shop.settle()
        shop.dispatch(staff, order_id)
        refused = ada.ask("POST", f"/orders/{order_id}/cancel", {})
        assert (refused.status_code, refused.json()["code"]) == (409, "not_cancellable")
        shop.settle()
        types = [entry["type"] for entry in ada.get(f"/orders/{order_id}/timeline?limit=100")["items"]]
        assert "OrderCancelRequested" not in types
    assert shop.promises_broken() == []


def test_a_cancellation_that_shipping_has_agreed_to_is_one_though_order_falls_over(raced, shop, people):
    """And nobody asks again: order hears of it."""
    staff, ada, *_ = people
    shop.stock(staff, "dish", 1)
    shop.settle()
    order_id = ada.order("dish", 1)["order_id"]
    shop.settle()
    raced.seam.faults.add("crash_before", operation="TransactWriteItems", caller="commerce-order-api")
    asked = start(raced, ada, f"/orders/{order_id}/cancel", {"reason": "changed my mind"}, "dish")
    assert asked.result().status == 500
    shop.settle()
    order = ada.get(f"/orders/{order_id}")
    assert (order["status"], order["reason"], order["payment"]["status"]) == ("cancelled", "changed my mind", "voided")
    assert staff.get("/inventory/stock/dish")["available"] == 1


def test_while_shipping_does_not_answer_a_cancellation_is_taken_and_its_saga_finds_out(raced, shop, people):
    staff, ada, *_ = people
    shop.stock(staff, "tureen", 2)
    shop.settle()
    left, here = (ada.order("tureen", 1)["order_id"] for _ in range(2))
    shop.settle()
    shop.dispatch(staff, left)
    for order_id in (left, here):
        raced.seam.faults.add("timeout_before", service="lambda", operation="Invoke", caller="commerce-order-api")
        assert ada.ask("POST", f"/orders/{order_id}/cancel", {}).status_code == 202
    shop.settle()
    order = ada.get(f"/orders/{left}")
    assert (order["status"], order["payment"]["status"]) == ("shipped", "captured")
    story = [entry["type"] for entry in ada.get(f"/orders/{left}/timeline?limit=100")["items"]]
    assert "OrderCancelRequested" in story and "OrderCancelRefused" in story
    assert ada.get(f"/orders/{here}")["status"] == "cancelled"
    [shipment] = staff.get(f"/shipments?order_id={here}")["items"]
    assert shipment["status"] == "cancelled"


def test_a_cancellation_and_a_dispatch_at_once_leave_one_of_them(raced, shop, people):
    staff, ada, *_ = people
    shop.stock(staff, "plate", 100)
    shop.settle()
    ends = Counter()
    for number in range(ROUNDS):
        order_id = ada.order("plate", 1)["order_id"]
        shop.settle()
        [shipment] = staff.get(f"/shipments?order_id={order_id}")["items"]
        asked = [
            (staff, f"/shipments/{shipment['shipment_id']}/dispatch"),
            (ada, f"/orders/{order_id}/cancel"),
        ]
        first, second = asked if number % 2 else asked[::-1]
        pending = [start(raced, who, path, {}, f"dispatch-{number}") for who, path in (first, second)]
        given = answers(pending)
        shop.settle()
        order = ada.get(f"/orders/{order_id}")
        types = [entry["type"] for entry in ada.get(f"/orders/{order_id}/timeline?limit=100")["items"]]
        if order["status"] == "cancelled":
            assert order["payment"]["status"] == "voided"
            assert sorted(given) == [(202, None), (409, "shipment_not_dispatchable")]
        else:
            assert (order["status"], order["payment"]["status"], order.get("reason")) == ("shipped", "captured", None)
            assert sorted(given) == [(200, None), (409, "not_cancellable")]
            assert "OrderCancelRequested" not in types
        ends[order["status"]] += 1
    assert staff.get("/inventory/stock/plate")["on_hand"] == 100 - ends["shipped"]
