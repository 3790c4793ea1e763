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
    for shipment_id in (part["shipment_id"], whole["shipment_id"]):
        staff.post(f"/shipments/{shipment_id}/dispatch", {})
        shop.settle()
    order = ada.get(f"/orders/{order_id}")
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
