"""Parcels over HTTP: parts, races, labels, and what the carrier says."""

import json
from urllib.parse import urlsplit

import pytest

from local.shop import Refused


@pytest.fixture(autouse=True)
def promises(shop):
    yield
    shop.settle()
    assert shop.promises_broken() == []


@pytest.fixture
def confirmed(shop, staff, ada):
    """Places an order that is confirmed; returns its id."""

    def confirmed(sku, quantity=3, **more):
        shop.stock(staff, sku, 10, **more)
        shop.settle()
        order_id = ada.order(sku, quantity)["order_id"]
        shop.settle()
        assert ada.get(f"/orders/{order_id}")["status"] == "confirmed"
        return order_id

    return confirmed


def shipments(person, order_id):
    return person.get(f"/shipments?order_id={order_id}")["items"]


def split(staff, shipment_id, sku, quantity):
    return staff.post(f"/shipments/{shipment_id}/split", {"items": [{"sku": sku, "quantity": quantity}]})


def test_a_quote_is_what_the_order_costs_to_send(shop, staff, ada):
    shop.stock(staff, "anvil", 10, attributes={"weight_grams": 12_000})
    shop.settle()
    address = {"name": "A", "line1": "1", "city": "B", "postal_code": "1", "country": "FR"}
    items = [{"sku": "anvil", "quantity": 2}]
    options = shop.client.post("/shipping/quotes", json={"address": address, "items": items}).json()["options"]
    assert [(each["method"], each["price"]["amount"]) for each in options] == [("standard", 3990), ("express", 7490)]
    for option in options:
        priced = shop.client.post(
            "/orders/quote",
            json={"items": items, "shipping_address": address, "shipping_method": option["method"]},
        )
        assert priced.json()["shipping"] == option["price"]


def test_the_label_can_be_fetched_and_is_for_staff_alone(confirmed, shop, staff, ada):
    order_id = confirmed("poster")
    parcel = shop.dispatch(staff, order_id)
    [theirs], [ours] = shipments(staff, order_id), shipments(ada, order_id)
    assert theirs["label_url"] == parcel["label_url"]
    assert {**ours, "label_url": parcel["label_url"]} == theirs
    shop.settle()
    timeline = json.dumps(ada.get(f"/orders/{order_id}/timeline"))
    assert "label" not in timeline
    label = shop.client.get(urlsplit(parcel["label_url"]).path)
    assert (label.status_code, label.headers["content-type"]) == (200, "application/pdf")
    assert label.content.startswith(b"%PDF-")
    assert parcel["tracking_number"].encode() in label.content


def test_a_split_shows_at_once_and_each_part_is_sent_by_itself(confirmed, shop, staff, ada, platform):
    order_id = confirmed("plate")
    [whole] = shipments(ada, order_id)
    part = split(staff, whole["shipment_id"], "plate", 1)
    assert [each["items"][0]["quantity"] for each in shipments(ada, order_id)] == [2, 1]
    assert ada.get(f"/shipments/{part['shipment_id']}")["order_id"] == order_id
    shop.settle()
    assert {each["shipment_id"] for each in ada.get(f"/orders/{order_id}")["shipments"]} == {
        whole["shipment_id"],
        part["shipment_id"],
    }
    taken = []
    for shipment_id in (part["shipment_id"], whole["shipment_id"]):
        staff.post(f"/shipments/{shipment_id}/dispatch", {})
        shop.settle()
        [payment] = ada.get(f"/payments?order_id={order_id}")["items"]
        taken.append((ada.get(f"/orders/{order_id}")["status"], payment["captured"]["amount"]))
    order = ada.get(f"/orders/{order_id}")
    (first, part_of_it), (second, all_of_it) = taken
    assert (first, second, all_of_it) == ("confirmed", "shipped", order["total"]["amount"])
    assert 0 < part_of_it < all_of_it
    assert (order["status"], [each["status"] for each in order["shipments"]]) == ("shipped", ["dispatched"] * 2)
    assert len(platform.easypost.effects(part["shipment_id"])) == 1
    assert staff.get("/inventory/stock/plate")["on_hand"] == 7


def test_once_a_part_has_left_nothing_is_cancelled(confirmed, shop, staff, ada):
    order_id = confirmed("bowl")
    [whole] = shipments(staff, order_id)
    part = split(staff, whole["shipment_id"], "bowl", 1)
    staff.post(f"/shipments/{part['shipment_id']}/dispatch", {})
    with pytest.raises(Refused) as refused:
        split(staff, part["shipment_id"], "bowl", 1)
    assert (refused.value.status, refused.value.code) == (409, "shipment_already_dispatched")
    ada.ask("POST", f"/orders/{order_id}/cancel", {})
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] != "cancelled"
    assert [each["status"] for each in shipments(ada, order_id)] == ["created", "dispatched"]
    staff.post(f"/shipments/{whole['shipment_id']}/dispatch", {})
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "shipped"


def test_a_cancelled_order_is_not_sent_in_any_part(confirmed, shop, staff, ada, platform):
    order_id = confirmed("fork")
    [whole] = shipments(staff, order_id)
    part = split(staff, whole["shipment_id"], "fork", 1)
    ada.post(f"/orders/{order_id}/cancel", {})
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "cancelled"
    assert [each["status"] for each in shipments(ada, order_id)] == ["cancelled", "cancelled"]
    for shipment_id in (whole["shipment_id"], part["shipment_id"]):
        with pytest.raises(Refused) as refused:
            staff.post(f"/shipments/{shipment_id}/dispatch", {})
        assert (refused.value.status, refused.value.code) == (409, "shipment_not_dispatchable")
        assert platform.easypost.effects(shipment_id) == []


def test_another_ones_parcels_are_nobodys(confirmed, shop, staff):
    order_id = confirmed("spoon")
    [parcel] = shipments(staff, order_id)
    bob = shop.join("bob@customer.example")
    for shipment_id in (parcel["shipment_id"], "shp_none", parcel["shipment_id"] + "_0"):
        answer = bob.ask("GET", f"/shipments/{shipment_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        for action in ("dispatch", "split"):
            body = {"items": [{"sku": "spoon", "quantity": 1}]} if action == "split" else {}
            assert bob.ask("POST", f"/shipments/{shipment_id}/{action}", body).status_code == 403
    assert shipments(bob, order_id) == shipments(bob, "ord_none") == []
    assert [each["status"] for each in shipments(staff, order_id)] == ["created"]


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "error"])
def test_a_carrier_that_does_not_answer_sells_one_label_and_nobody_has_to_ask_again(
    kind, confirmed, shop, platform, staff, ada
):
    order_id = confirmed(f"globe-{kind}")
    [parcel] = shipments(staff, order_id)
    platform.seam.faults.add(kind, service="easypost", operation="buy_shipment")
    headers = {"authorization": f"Bearer {staff.token}", "idempotency-key": f"globe-{kind}"}
    path = f"/shipments/{parcel['shipment_id']}/dispatch"
    answer = shop.client.post(path, json={}, headers=headers)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert [each["status"] for each in shipments(ada, order_id)] == ["created"]
    platform.advance(65)
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "shipped"
    again = shop.client.post(path, json={}, headers=headers)
    assert (again.status_code, again.json()["status"]) == (200, "dispatched")
    assert [done.kind for done in platform.easypost.effects(parcel["shipment_id"])] == ["buy"]


@pytest.fixture
def leaves(confirmed, shop, staff):
    """An order of one parcel that has left: its id, and what the carrier says of the parcel by the hour."""

    def leaves(sku):
        order_id = confirmed(sku)
        code = shop.dispatch(staff, order_id)["tracking_number"]
        shop.settle()
        scans = []

        def say(status, *, late=False):
            scan = {"status": status, "datetime": f"2026-01-07T{8 + len(scans):02}:00:00Z"}
            scans.append(scan)
            news = {"id": f"evt_{sku}_{len(scans)}", "description": "tracker.updated"}
            news["result"] = {"tracking_code": code, "status": status, "tracking_details": [scan] if late else scans}
            assert shop.carrier_sends(json.dumps(news).encode()).status_code == 200
            shop.settle()

        return order_id, say

    return leaves


def test_an_attempt_that_fails_is_a_persons_and_one_that_succeeds_ends_it(leaves, ada):
    order_id, say = leaves("vase")
    say("out_for_delivery")
    say("failure")
    order = ada.get(f"/orders/{order_id}")
    assert (order["status"], order["shipments"][0]["status"]) == ("needs_attention", "failed")
    say("out_for_delivery")
    say("delivered")
    order = ada.get(f"/orders/{order_id}")
    assert (order["status"], order["shipments"][0]["status"]) == ("delivered", "delivered")
    [parcel] = shipments(ada, order_id)
    assert [scan["status"] for scan in parcel["events"]] == [
        *("created", "dispatched", "out_for_delivery", "failed", "out_for_delivery", "delivered")
    ]


def test_what_comes_back_needs_a_person_who_may_refund_it(leaves, shop, staff, ada):
    order_id, say = leaves("lamp")
    say("failure")
    say("return_to_sender")
    say("delivered")
    order = ada.get(f"/orders/{order_id}")
    assert (order["status"], order["shipments"][0]["status"]) == ("needs_attention", "failed")
    facts = [entry["type"] for entry in ada.get(f"/orders/{order_id}/timeline")["items"]]
    assert {"ShipmentFailed", "ShipmentReturned", "OrderParked"} <= set(facts)
    assert "OrderDelivered" not in facts
    payment = f"/payments/{order['payment']['payment_id']}"
    staff.post(f"{payment}/refunds", {"amount": order["total"], "reason": "it came back"})
    shop.settle()
    assert ada.get(payment)["status"] == "refunded"


@pytest.mark.parametrize("order_of_news", [("failure", "delivered"), ("delivered", "failure")])
def test_news_that_overtakes_other_news_leaves_a_delivered_order_delivered(order_of_news, leaves, ada):
    order_id, say = leaves(f"clock-{order_of_news[0]}")
    for status in order_of_news:
        say(status, late=True)
    assert ada.get(f"/orders/{order_id}")["status"] == "delivered"
