"""Staff split and dispatch while the customer cancels: whoever comes second decides anew."""

import json

from local.platform import Platform
from local.shop import Shop


def test_of_a_split_a_dispatch_and_a_cancellation_at_once_one_order_comes_out(assembly):
    outcomes = set()
    for seed in range(3):
        with Platform.start(assembly, seed=seed, throttle=False) as raced:
            shop = Shop(raced.client(), raced.webhook_secrets)
            staff, ada = shop.join("admin@commerce.example", "Grace"), shop.join("ada@customer.example")
            shop.stock(staff, "mug", 100)
            shop.settle()
            outcomes |= {race(raced, shop, staff, ada, number) for number in range(6)}
            assert shop.promises_broken() == []
    assert len(outcomes) > 1, "each of them wins sometimes"


def race(platform, shop, staff, ada, number):
    order_id = ada.order("mug", 3)["order_id"]
    shop.settle()
    [whole] = staff.get(f"/shipments?order_id={order_id}")["items"]
    asked = [
        (staff, f"/shipments/{whole['shipment_id']}/split", {"items": [{"sku": "mug", "quantity": 1}]}),
        (staff, f"/shipments/{whole['shipment_id']}/dispatch", {}),
        (ada, f"/orders/{order_id}/cancel", {}),
    ]
    pending = []
    for who, path, body in asked:
        headers = {"authorization": f"Bearer {who.token}", "idempotency-key": f"race-{number}"}
        headers["content-type"] = "application/json"
        pending.append(platform.start_request("POST", path, headers, json.dumps(body).encode()))
    answers = [each.result() for each in pending]
    assert all(answer.status < 500 for answer in answers)
    shop.settle()
    found = staff.get(f"/shipments?order_id={order_id}")["items"]
    assert sum(item["quantity"] for each in found for item in each["items"]) == 3
    states = {each["status"] for each in found}
    order = ada.get(f"/orders/{order_id}")
    bought = [done for each in found for done in platform.easypost.effects(each["shipment_id"])]
    if order["status"] == "cancelled":
        assert (states, bought, order["payment"]["status"]) == ({"cancelled"}, [], "voided")
    else:
        assert "cancelled" not in states
        assert len(bought) == sum(each["status"] == "dispatched" for each in found)
    return order["status"], len(found), len(bought)
