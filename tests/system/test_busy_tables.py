"""A table that refuses a whole call, every try of the SDK: an order is late, who asks is told to ask again, and no
customer is refused.
"""

import pytest

SDK_TRIES = 3
ADMIN, ADA = "admin@commerce.example", "ada@customer.example"


@pytest.fixture(scope="module", autouse=True)
def mugs(shop, staff, ada):
    shop.stock(staff, "mug", 1000)
    shop.settle()


@pytest.mark.parametrize(
    ("tasks", "operation"),
    [
        ("inventory", "Query"),
        ("inventory", "TransactWriteItems"),
        ("payment", "Query"),
        ("payment", "PutItem"),
        ("order", "Query"),
        ("order", "PutItem"),
    ],
)
def test_an_order_goes_on_when_a_table_has_throttled_a_step(tasks, operation, platform, shop):
    staff, ada = shop.sign_in(ADMIN), shop.sign_in(ADA)

    def throttled():
        faults = platform.seam.faults
        where = {"service": "dynamodb", "operation": operation, "caller": f"commerce-{tasks}-tasks"}
        return faults.add("throttle", **where, times=SDK_TRIES)

    placing = throttled()
    order_id = ada.order("mug", 2)["order_id"]
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "confirmed"

    leaving = throttled()
    parcel = shop.dispatch(staff, order_id)
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "shipped"
    assert shop.carrier_says(parcel["tracking_number"], "delivered").status_code == 200
    shop.settle()

    refunding = throttled()
    back = {"items": [{"sku": "mug", "quantity": 2}], "reason": "too big"}
    one = f"/orders/{order_id}/returns/{ada.post(f'/orders/{order_id}/returns', back)['return_id']}"
    staff.post(f"{one}/approve")
    shop.settle()
    staff.post(f"{one}/receive")
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "returned"

    assert [fault.times for fault in (placing, leaving, refunding)] == [0, 0, 0]
    assert shop.promises_broken() == []


@pytest.mark.parametrize("kind", ["throttle", "error"])
@pytest.mark.parametrize("domain", ["order", "catalog", "identity"])
def test_who_asks_meanwhile_is_told_to_ask_again(kind, domain, platform, shop):
    staff, ada = shop.sign_in(ADMIN), shop.sign_in(ADA)
    asked = {
        "order": lambda: ada.ask("GET", "/orders/ord_unknown"),
        "catalog": lambda: staff.ask("POST", "/catalog/coupons", coupon, idempotency_key=f"{kind} {domain}"),
        "identity": lambda: shop.client.post("/identity/login", json={"email": ADA, "password": "wrong"}),
    }[domain]
    coupon = {"code": f"{kind}-{domain}", "kind": "percent", "value": 10}
    platform.seam.faults.add(kind, service="dynamodb", caller=f"commerce-{domain}-api", times=1_000)
    busy = asked()
    platform.seam.faults.clear()
    assert (busy.status_code, busy.json()["code"], busy.headers["retry-after"]) == (503, "unavailable", "1")
    assert asked().status_code == {"order": 404, "catalog": 201, "identity": 401}[domain]
