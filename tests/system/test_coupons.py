"""A coupon is used as often as it says, and an order that ends gives its use back."""

import pytest

from local.shop import ADDRESS, Refused, euro


@pytest.fixture(autouse=True)
def promises(shop):
    yield
    shop.settle()
    assert shop.promises_broken() == []


def make(shop, staff, code, **how):
    staff.post("/catalog/coupons", {"code": code, "kind": "percent", "value": 10, **how})
    shop.settle()


def test_a_repeated_order_uses_its_coupon_once(platform, shop, staff, ada):
    shop.stock(staff, "mug", 100)
    make(shop, staff, "TWICE", max_uses=3, max_uses_per_customer=3)
    first = ada.order("mug", coupon="TWICE")
    body = {name: first[name] for name in ("shipping_address", "shipping_method")}
    body |= {"items": [{"sku": "mug", "quantity": 1}], "payment_method": "pm_card_visa", "coupon": "TWICE"}
    orders = [ada.post("/orders", body, idempotency_key="the-same")["order_id"] for _ in range(3)]
    assert len(set(orders)) == 1
    assert ada.order("mug", coupon="TWICE")["discount"] == euro(75)
    with pytest.raises(Refused) as refused:
        ada.order("mug", coupon="TWICE")
    assert (refused.value.status, refused.value.code) == (422, "coupon_used_up")


@pytest.mark.parametrize("end", ["declined", "cancelled", "never paid"])
def test_an_order_that_ends_gives_its_use_back(end, platform, shop):
    staff, ada = shop.sign_in("admin@commerce.example"), shop.sign_in("ada@customer.example")
    code = end.replace(" ", "-")
    make(shop, staff, code, max_uses=1, max_uses_per_customer=1)
    card = {"declined": "pm_card_chargeDeclined", "never paid": "pm_card_threeDSecure2Required"}
    order_id = ada.order("mug", payment_method=card.get(end, "pm_card_visa"), coupon=code)["order_id"]
    if end == "cancelled":
        ada.post(f"/orders/{order_id}/cancel", {})
    shop.settle()
    if end == "never paid":
        platform.advance(20 * 60)
        shop.settle()
    ada = shop.sign_in("ada@customer.example")
    assert ada.get(f"/orders/{order_id}")["status"] == ("cancelled" if end == "cancelled" else "rejected")
    again = ada.order("mug", coupon=code)
    assert again["coupon"] == code.upper()


def test_what_is_paid_is_what_was_quoted(platform, shop):
    staff, ada = shop.sign_in("admin@commerce.example"), shop.sign_in("ada@customer.example")
    make(shop, staff, "FIVER", kind="fixed", value=euro(500), min_subtotal=euro(1000))
    asked = {"items": [{"sku": "mug", "quantity": 3}], "shipping_address": ADDRESS, "coupon": "fiver"}
    quoted = shop.client.post("/orders/quote", json=asked).json()
    order_id = ada.order("mug", 3, coupon="Fiver", expected_total=quoted["total"])["order_id"]
    shop.settle()
    [payment] = ada.get(f"/payments?order_id={order_id}")["items"]
    assert payment["authorized"] == quoted["total"] == euro((2250 - 500 + 490) + (19 * (2250 - 500 + 490) + 50) // 100)
    small = {**asked, "items": [{"sku": "mug", "quantity": 1}]}
    answer = shop.client.post("/orders/quote", json=small)
    assert (answer.status_code, answer.json()["code"]) == (422, "coupon_not_applicable")
