"""The figures of what really happened, to the cent, and once more after they were rebuilt from the archive."""

import pytest

from local.shop import Person, euro

JANUARY = "from=2026-01-01&to=2026-01-31"
WAYS = (
    f"overview?{JANUARY}",
    f"funnel?{JANUARY}",
    f"products/top?{JANUARY}&by=units",
    f"products/top?{JANUARY}&by=revenue",
    *(f"sales?{JANUARY}&granularity={how}" for how in ("hour", "day", "month")),
)


@pytest.fixture(scope="module")
def played(shop, staff, ada):
    """Four orders: one delivered and refunded in part, one cancelled, one declined, one confirmed. Their totals."""
    for sku in ("mug", "cup"):
        shop.stock(staff, sku, 10, price=750, name=sku.title())
    shop.settle()
    orders = {
        "delivered": ada.order("mug", 2),
        "cancelled": ada.order("mug"),
        "declined": ada.order("cup", 1, "pm_card_chargeDeclined"),
        "confirmed": ada.order("cup", 3),
    }
    shop.settle()
    ada.post(f"/orders/{orders['cancelled']['order_id']}/cancel", {})
    parcel = shop.dispatch(staff, orders["delivered"]["order_id"])
    shop.settle()
    assert shop.carrier_says(parcel["tracking_number"], "delivered").status_code == 200
    shop.settle()
    [payment] = staff.get(f"/payments?order_id={orders['delivered']['order_id']}")["items"]
    staff.post(f"/payments/{payment['payment_id']}/refunds", {"amount": euro(500), "reason": "a scratch"})
    shop.settle()
    return {name: order["total"]["amount"] for name, order in orders.items()}


def test_figures_are_what_happened_to_the_cent(played, staff):
    overview = staff.get(f"/analytics/overview?{JANUARY}")
    [sales] = overview["sales"]
    gross = played["delivered"] + played["cancelled"] + played["confirmed"]
    revenue = gross - played["cancelled"] - 500
    assert (sales["gross"], sales["cancelled"], sales["refunded"]) == (
        euro(gross),
        euro(played["cancelled"]),
        euro(500),
    )
    assert (sales["revenue"], sales["orders"], sales["units"]) == (euro(revenue), 2, 5)
    assert sales["average_order"] == euro((revenue + 1) // 2)
    funnel = {"placed": 4, "confirmed": 3, "shipped": 1, "delivered": 1, "cancelled": 1, "returned": 0}
    assert overview["orders"] == {**funnel, "rejected": {"payment_declined": 1}}
    assert overview["customers"] == {"new": 1, "returning": 0}
    top = staff.get(f"/analytics/products/top?{JANUARY}&by=units")["items"]
    assert [(one["sku"], one["name"], one["units"]) for one in top] == [("cup", "Cup", 3), ("mug", "Mug", 2)]


def test_a_customer_sees_no_figures(ada):
    assert {ada.ask("GET", f"/analytics/{way}").status_code for way in WAYS} == {403}
    assert ada.ask("POST", "/analytics/rebuilds", {}).status_code == 403


def test_figures_rebuilt_from_the_archive_are_the_same_on_every_route(played, shop, staff):
    before = [staff.get(f"/analytics/{way}") for way in WAYS]
    rebuild = staff.post("/analytics/rebuilds")
    shop.settle()
    assert staff.get(f"/analytics/rebuilds/{rebuild['rebuild_id']}")["status"] == "finished"
    assert [staff.get(f"/analytics/{way}") for way in WAYS] == before
    assert shop.promises_broken() == []
    assert Person(shop.client).ask("GET", "/analytics/overview").status_code == 401


def test_the_days_that_are_over_are_closed_and_say_what_they_said(platform, shop, played):
    before = shop.sign_in("admin@commerce.example").get("/analytics/overview?from=2026-01-01&to=2026-01-02")
    for _ in range(5):  # so many, and so much each day, that a rebuild meets days that are over, too, as it counts
        platform.advance(24 * 3600)
        ada = shop.sign_in("ada@customer.example")
        for _ in range(2):
            for _ in range(3):
                ada.order("mug")
            shop.settle()
    after = shop.sign_in("admin@commerce.example").get("/analytics/overview?from=2026-01-01&to=2026-01-02")
    assert after["sales"] == before["sales"]
    staff = shop.sign_in("admin@commerce.example")
    rebuild = staff.post("/analytics/rebuilds")
    shop.settle()
    done = staff.get(f"/analytics/rebuilds/{rebuild['rebuild_id']}")
    assert done["status"] == "finished"
    assert done["objects"] > 25  # which is more than one step takes
    assert staff.get("/analytics/overview?from=2026-01-01&to=2026-01-02")["sales"] == before["sales"]
    assert shop.promises_broken() == []
