"""What is played on the emulator: an order that goes well to its end, and one whose card is declined."""

from collections.abc import Callable
from typing import Final

from local.cli.output import Problem
from local.emulator.shop import DeployedShop
from local.eventually import eventually
from local.shop import Json, Person

ADMIN: Final = "admin@commerce.example"  # as the CDK app has it by default
CUSTOMER: Final = "ada@customer.example"


class People:
    def __init__(self, shop: DeployedShop) -> None:
        self.shop = shop
        self.staff = shop.join(ADMIN, "Grace")
        self.ada = shop.join(CUSTOMER)


def it_is_sold_sent_and_delivered(people: People) -> None:
    """An order goes from placed to delivered, and the money, the stock, the mails and the figures with it"""
    shop, staff, ada = people.shop, people.staff, people.ada
    _on_sale(people, "mug-1", 10)
    order_id = _placed(ada, "mug-1", 2, "pm_card_visa")
    _becomes(ada, order_id, "confirmed")
    eventually("two are reserved", lambda: _available(staff, "mug-1"), lambda left: left == 8)
    parcel = eventually("the parcel is there and leaves", lambda: _dispatched(shop, staff, order_id))
    order = _becomes(ada, order_id, "shipped")
    shop.carrier_says(parcel["tracking_number"], "delivered")
    _becomes(ada, order_id, "delivered")
    [payment] = ada.get(f"/payments?order_id={order_id}")["items"]
    if (payment["status"], payment["captured"]) != ("captured", order["total"]):
        raise Problem(f"The payment is not captured: {payment}")
    eventually("three mails tell of it", lambda: _mailed(shop), lambda words: len(words) == 3)
    eventually("it is counted", lambda: staff.get("/analytics/overview"), lambda found: "delivered" in str(found))


def a_declined_card_costs_nobody_anything(people: People) -> None:
    """A declined card: the order is rejected, and the stock is free again"""
    _on_sale(people, "mug-2", 3)
    order_id = _placed(people.ada, "mug-2", 2, "pm_card_chargeDeclined")
    order = _becomes(people.ada, order_id, "rejected")
    if order["reason"] != "payment_declined":
        raise Problem(f"The order was rejected for another reason: {order['reason']}")
    [payment] = people.ada.get(f"/payments?order_id={order_id}")["items"]
    if payment["status"] != "declined":
        raise Problem(f"The payment is {payment['status']}")
    eventually("the stock is free", lambda: _available(people.staff, "mug-2"), lambda left: left == 3)


STORIES: Final[tuple[Callable[[People], None], ...]] = (
    it_is_sold_sent_and_delivered,
    a_declined_card_costs_nobody_anything,
)


def _on_sale(people: People, sku: str, quantity: int) -> None:
    people.shop.stock(people.staff, sku, quantity)
    lines = {"items": [{"sku": sku, "quantity": 1}]}
    eventually(f"{sku} can be ordered", lambda: people.ada.post("/orders/quote", lines))


def _placed(customer: Person, sku: str, quantity: int, payment_method: str) -> str:
    return str(customer.order(sku, quantity, payment_method)["order_id"])


def _becomes(customer: Person, order_id: str, status: str) -> Json:
    return eventually(
        f"the order is {status}", lambda: customer.get(f"/orders/{order_id}"), lambda order: order["status"] == status
    )


def _dispatched(shop: DeployedShop, staff: Person, order_id: str) -> Json:
    found = staff.get(f"/shipments?order_id={order_id}")["items"]
    if not found:
        raise LookupError("no shipment yet")
    return shop.dispatch(staff, order_id)


def _available(staff: Person, sku: str) -> int:
    return int(staff.get(f"/inventory/stock/{sku}")["available"])


def _mailed(shop: DeployedShop) -> list[str]:
    subjects = " ".join(mail["subject"] for mail in shop.mailbox(CUSTOMER)).lower()
    return [word for word in ("confirmed", "way", "delivered") if word in subjects]
