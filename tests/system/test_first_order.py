"""One real order, end to end, over HTTP."""

import pytest

from local.shop import Person, Refused, euro


@pytest.fixture(autouse=True)
def promises(shop, staff, ada):  # who have an account, whichever test comes first
    yield
    shop.settle()
    assert shop.promises_broken() == []


def test_an_order_is_confirmed_shipped_and_delivered(shop, staff, ada):
    shop.stock(staff, "mug-1", 10)
    shop.settle()
    order_id = ada.order("mug-1", 2)["order_id"]
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "confirmed"
    assert staff.get("/inventory/stock/mug-1")["available"] == 8

    parcel = shop.dispatch(staff, order_id)
    shop.settle()
    order = ada.get(f"/orders/{order_id}")
    assert (order["status"], order["payment"]["status"]) == ("shipped", "captured")
    assert shop.carrier_says(parcel["tracking_number"], "delivered").status_code == 200
    shop.settle()

    order = ada.get(f"/orders/{order_id}")
    assert order["status"] == "delivered"
    assert order["shipments"] == [
        {"shipment_id": parcel["shipment_id"], "status": "delivered", "tracking_number": parcel["tracking_number"]}
    ]
    [payment] = ada.get(f"/payments?order_id={order_id}")["items"]
    assert (payment["status"], payment["captured"]) == ("captured", order["total"])
    subjects = " ".join(mail["subject"] for mail in shop.mailbox("ada@customer.example"))
    assert all(word in subjects.lower() for word in ("confirmed", "way", "delivered")), subjects
    types = [entry["type"] for entry in ada.get(f"/orders/{order_id}/timeline")["items"]]
    assert [t for t in types if t.startswith("Order")] == [
        "OrderPlaced",
        "OrderConfirmed",
        "OrderShipped",
        "OrderDelivered",
    ]
    assert {"StockReserved", "PaymentAuthorized", "PaymentCaptured", "ShipmentDispatched", "NotificationSent"} <= set(
        types
    )
    assert staff.get("/analytics/funnel?from=2026-01-01&to=2026-01-31")["delivered"] >= 1


def test_a_declined_card_rejects_the_order_and_gives_the_stock_back(shop, staff, ada):
    shop.stock(staff, "mug-2", 3)
    shop.settle()
    order_id = ada.order("mug-2", 2, "pm_card_chargeDeclined")["order_id"]
    shop.settle()
    order = ada.get(f"/orders/{order_id}")
    assert (order["status"], order["reason"]) == ("rejected", "payment_declined")
    assert staff.get("/inventory/stock/mug-2")["available"] == 3


def test_of_many_buyers_exactly_as_many_succeed_as_there_are_things(platform, shop, staff, ada):
    shop.stock(staff, "rare", 3)
    shop.settle()
    placed = [ada.order("rare")["order_id"] for _ in range(8)]
    shop.settle()
    orders = [ada.get(f"/orders/{order_id}") for order_id in placed]
    assert sorted(order["status"] for order in orders) == ["confirmed"] * 3 + ["rejected"] * 5
    assert {order["reason"] for order in orders if order["status"] == "rejected"} == {"out_of_stock"}


def test_a_customer_who_must_act_acts_and_the_order_goes_on(platform, shop, staff, ada):
    shop.stock(staff, "mug-3", 3)
    shop.settle()
    order_id = ada.order("mug-3", 1, "pm_card_threeDSecure2Required")["order_id"]
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "awaiting_payment"
    [payment] = ada.get(f"/payments?order_id={order_id}")["items"]
    assert payment["status"] == "requires_action"
    assert shop.client.get(payment["next_action"]["redirect_url"]).status_code == 200
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "confirmed"


def test_a_customer_who_never_acts_loses_the_order_and_nothing_else(platform, shop, staff, ada):
    shop.stock(staff, "mug-4", 3)
    shop.settle()
    order_id = ada.order("mug-4", 1, "pm_card_threeDSecure2Required")["order_id"]
    shop.settle()
    platform.advance(20 * 60)
    shop.settle()
    order = ada_again(shop).get(f"/orders/{order_id}")
    assert (order["status"], order["reason"]) == ("rejected", "payment_timeout")
    assert staff_again(shop).get("/inventory/stock/mug-4")["available"] == 3


def ada_again(shop):
    return shop.sign_in("ada@customer.example")


def staff_again(shop):
    return shop.sign_in("admin@commerce.example")


def test_a_provider_that_times_out_after_it_captured_has_captured_once(platform, shop):
    staff, ada = staff_again(shop), ada_again(shop)
    shop.stock(staff, "mug-5", 3)
    shop.settle()
    order_id = ada.order("mug-5")["order_id"]
    shop.settle()
    fault = {"service": "stripe", "operation": "capture", "kind": "timeout_after", "times": 1}
    assert shop.client.post("/_local/faults", json=fault).status_code < 300
    shop.dispatch(staff, order_id)
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "shipped"
    assert [done.kind for done in platform.stripe.effects(order_id)] == ["authorize", "capture"]


@pytest.mark.parametrize("stage", ["placed", "confirmed"])
def test_a_cancelled_order_gives_money_and_stock_back(shop, stage):
    staff, ada = staff_again(shop), ada_again(shop)
    shop.stock(staff, f"mug-{stage}", 3)
    shop.settle()
    order_id = ada.order(f"mug-{stage}")["order_id"]
    if stage == "confirmed":
        shop.settle()
    assert ada.post(f"/orders/{order_id}/cancel", {"reason": "changed my mind"})["status"] == "cancelling"
    shop.settle()
    assert ada.get(f"/orders/{order_id}")["status"] == "cancelled"
    assert staff.get(f"/inventory/stock/mug-{stage}")["available"] == 3
    parcels = [each["status"] for each in staff.get(f"/shipments?order_id={order_id}")["items"]]
    assert parcels == (["cancelled"] if stage == "confirmed" else [])


def test_a_shipped_order_cannot_be_cancelled(shop):
    staff, ada = staff_again(shop), ada_again(shop)
    shop.stock(staff, "mug-6", 3)
    shop.settle()
    order_id = ada.order("mug-6")["order_id"]
    shop.settle()
    shop.dispatch(staff, order_id)
    shop.settle()
    with pytest.raises(Refused) as refused:
        ada.post(f"/orders/{order_id}/cancel", {})
    assert (refused.value.status, refused.value.code) == (409, "not_cancellable")


def test_bad_requests_get_what_the_contract_says_and_change_nothing(shop):
    ada = ada_again(shop)
    good = {
        "items": [{"sku": "mug-1", "quantity": 1}],
        "shipping_address": {"name": "A", "line1": "1", "city": "B", "postal_code": "1", "country": "DE"},
        "shipping_method": "standard",
        "payment_method": "pm_card_visa",
    }
    before = len(ada.get("/orders?limit=100")["items"])
    assert Person(shop.client, "nonsense").ask("GET", "/orders").status_code == 401
    assert shop.client.get("/orders").status_code == 401
    assert ada.ask("POST", "/orders", good | {"price": euro(1)}).status_code == 422
    assert ada.ask("POST", "/orders", good | {"items": [{"sku": "mug-1", "quantity": -1}]}).status_code == 422
    headers = {"authorization": f"Bearer {ada.token}", "idempotency-key": "nan", "content-type": "application/json"}
    answer = shop.client.post("/orders", content=b'{"items": NaN}', headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert ada.ask("POST", "/inventory/stock/mug-1/adjustments", {}).status_code == 403
    assert ada.ask("GET", "/orders/ord_nobody").status_code == 404
    shop.settle()
    assert len(ada.get("/orders?limit=100")["items"]) == before


def test_a_repeated_post_is_one_order(shop):
    staff, ada = staff_again(shop), ada_again(shop)
    shop.stock(staff, "mug-7", 3)
    shop.settle()
    body = {
        "items": [{"sku": "mug-7", "quantity": 1}],
        "shipping_address": {"name": "A", "line1": "1", "city": "B", "postal_code": "1", "country": "DE"},
        "shipping_method": "standard",
        "payment_method": "pm_card_visa",
    }
    answers = [ada.ask("POST", "/orders", body, idempotency_key="the-same") for _ in range(3)]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true", "true"]
    shop.settle()
    assert staff.get("/inventory/stock/mug-7")["available"] == 2
