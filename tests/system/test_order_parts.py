"""An order leaves in two parts: each is paid for when it leaves, and together they cost what was agreed."""

import pytest

from local.shop import Refused, euro


@pytest.fixture(autouse=True)
def promises(shop):
    yield
    shop.settle()
    assert shop.promises_broken() == []


@pytest.fixture(scope="module")
def goods(shop, staff):
    shop.stock(staff, "mug", 100)
    shop.stock(staff, "cup", 100, price=333)
    staff.post("/catalog/coupons", {"code": "TENTH", "kind": "percent", "value": 10})
    shop.settle()


@pytest.fixture
def order(shop, ada, goods):
    """Three mugs and a cup, a tenth off: 23.25 of goods and 4.90, with 19 % on both."""
    items = [{"sku": "mug", "quantity": 3}, {"sku": "cup", "quantity": 1}]
    placed = ada.order("mug", items=items, coupon="TENTH")
    shop.settle()
    return placed


def send(staff, shipment_id):
    return staff.post(f"/shipments/{shipment_id}/dispatch", {})["tracking_number"]


@pytest.fixture
def parts(staff, order):
    """The ids of a part with one mug, and of the rest."""
    [rest] = staff.get(f"/shipments?order_id={order['order_id']}")["items"]
    path = f"/shipments/{rest['shipment_id']}/split"
    part = staff.post(path, {"items": [{"sku": "mug", "quantity": 1}]})
    return part["shipment_id"], rest["shipment_id"]


def captured(person, order):
    [payment] = person.get(f"/payments?order_id={order['order_id']}")["items"]
    return payment["captured"]


def test_each_part_is_captured_shipped_and_delivered_by_itself(shop, staff, ada, order, parts):
    path, (part, rest) = f"/orders/{order['order_id']}", parts
    first = send(staff, part)
    shop.settle()
    assert ada.get(path)["status"] == "confirmed"
    mug = order["items"][0]
    share = (mug["total"]["amount"] - mug["discount"]["amount"] + mug["tax"]["amount"]) // 3
    sending = order["shipping"]["amount"] + order["tax"]["amount"] - sum(i["tax"]["amount"] for i in order["items"])
    assert captured(ada, order) == euro(share + sending)
    assert staff.get("/inventory/stock/mug")["on_hand"] == 99
    with pytest.raises(Refused) as refused:
        ada.post(f"{path}/cancel", {})
    assert (refused.value.status, refused.value.code) == (409, "not_cancellable")

    shop.carrier_says(first, "delivered")
    shop.settle()
    assert ada.get(path)["status"] == "confirmed"
    second = send(staff, rest)
    shop.settle()
    assert ada.get(path)["status"] == "shipped"
    assert captured(ada, order) == order["total"]
    shop.carrier_says(second, "delivered")
    shop.settle()
    assert ada.get(path)["status"] == "delivered"
    types = [entry["type"] for entry in ada.get(f"{path}/timeline?limit=100")["items"]]
    assert [type for type in types if type.startswith("OrderP") or type in ("OrderShipped", "OrderDelivered")] == [
        "OrderPlaced",
        "OrderPartShipped",
        "OrderPartDelivered",
        "OrderShipped",
        "OrderDelivered",
    ]


def test_parts_that_leave_together_cost_no_more(shop, staff, ada, order, parts):
    tracking = [send(staff, shipment_id) for shipment_id in parts]
    for number in reversed(tracking):  # and the news of their arrival come before we have heard that they left
        shop.carrier_says(number, "delivered")
    shop.settle()
    assert ada.get(f"/orders/{order['order_id']}")["status"] == "delivered"
    assert captured(ada, order) == order["total"]


def test_a_fault_at_the_bank_delays_a_part_and_takes_nothing_twice(platform, shop, order, parts):
    staff, ada = shop.sign_in("admin@commerce.example"), shop.sign_in("ada@customer.example")
    for kind in ("timeout_after", "timeout_before"):
        platform.seam.faults.add(kind, service="stripe", operation="capture")
    for shipment_id in parts:
        send(staff, shipment_id)
    shop.settle()
    platform.advance(300)
    shop.settle()
    ada = shop.sign_in("ada@customer.example")
    assert ada.get(f"/orders/{order['order_id']}")["status"] == "shipped"
    assert captured(ada, order) == order["total"]


def test_the_story_is_told_page_by_page_with_who_and_why(shop, order):
    ada = shop.sign_in("ada@customer.example")
    path = f"/orders/{order['order_id']}/timeline"
    whole, page = ada.get(f"{path}?limit=100")["items"], ada.get(f"{path}?limit=2")
    told = page["items"]
    while page["next_cursor"]:
        page = ada.get(f"{path}?limit=2&cursor={page['next_cursor']}")
        told += page["items"]
    assert told == whole
    assert [entry["at"] for entry in whole] == sorted(entry["at"] for entry in whole)
    assert all(entry["actor"] and entry["cause"] and entry["summary"] != entry["type"] for entry in whole)
    assert (whole[0]["type"], whole[0]["actor"]) == ("OrderPlaced", order["customer_id"])
    stolen = ada.get(f"{path}?limit=2")["next_cursor"]
    other = shop.join("bob@customer.example")
    assert other.ask("GET", f"{path}?cursor={stolen}").status_code == 404
    assert ada.ask("GET", f"/orders?cursor={stolen}").status_code == 400


def test_when_the_part_that_left_comes_back_and_all_money_with_it_the_rest_stays_here(shop, staff, ada, order, parts):
    path, (part, rest) = f"/orders/{order['order_id']}", parts
    tracking_number = send(staff, part)
    shop.settle()
    assert shop.carrier_says(tracking_number, "return_to_sender").status_code == 200
    shop.settle()
    staff.post(f"{path}/compensate", {"reason": "it came back"})
    shop.settle()
    assert ada.get(path)["status"] == "cancelled"
    assert [found["status"] for found in ada.get(path)["shipments"]] == ["cancelled", "failed"]
    with pytest.raises(Refused) as refused:
        send(staff, rest)
    assert refused.value.code == "shipment_not_dispatchable"
