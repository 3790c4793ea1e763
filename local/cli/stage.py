"""What the demo's stories are played on: a shop, its people, and a product that no other story touches."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import httpx

from local.cli import output
from local.cli.whereabouts import Whereabouts
from local.shop import Json, Person, Refused, Shop

PATIENCE_S: Final = 60


class StoryFailed(Exception):
    """It did not go as it should."""


def tell(text: str) -> None:
    output.say(f"    · {text}")


def expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise StoryFailed(f"{what}? It is {found!r}, and should be {wanted!r}")
    tell(what)


class Stage:
    """`set_for` a story before it is played."""

    staff: Person
    customer: Person
    sku: str

    def __init__(self, client: httpx.Client, found: Whereabouts) -> None:
        self._run = uuid4().hex[:6]
        self._found = found
        self.shop = Shop(client, found["webhook_secrets"], key=f"demo-{self._run}")

    def set_for(self, story: str) -> None:
        """Sign in anew: the stories before may have taken longer than a token lives."""
        admin, customer = self._found["admin"], self._found["customer"]
        self.staff = self.shop.sign_in(admin["email"], admin["password"])
        self.customer = self.shop.sign_in(customer["email"], customer["password"])
        tell(f"{customer['email']} and {admin['email']} sign in")
        self.sku = f"{story}-{self._run}".replace("_", "-")

    def put_on_sale(self, quantity: int, price: int = 1990) -> None:
        self.shop.stock(self.staff, self.sku, quantity, price=price, name=f"Limited mug {self._run}")
        self.settle()
        tell(f"{quantity} of {self.sku} in stock")

    def settle(self) -> None:
        self.shop.settle(PATIENCE_S)

    def place(self, quantity: int, payment_method: str = "pm_card_visa") -> str:
        order = self.customer.order(self.sku, quantity, payment_method)
        tell(f"order {order['order_id'][:12]}… over {_euros(order['total'])} by {payment_method}: {order['status']}")
        self.settle()
        return str(order["order_id"])

    def join(self, number: int) -> list[Person]:
        """That many new customers."""
        emails = [f"buyer-{one}-{self._run}@customer.example" for one in range(1, number + 1)]
        for email in emails:
            self.shop.register(email)
        self.settle()
        for email in emails:
            self.shop.confirm(email)
        return [self.shop.sign_in(email) for email in emails]

    def all_at_once(self, buyers: list[Person]) -> list[str]:
        """Each buys one; the order ids."""
        with ThreadPoolExecutor(len(buyers)) as pool:
            return [str(order["order_id"]) for order in pool.map(lambda buyer: buyer.order(self.sku), buyers)]

    def order(self, order_id: str) -> Json:
        return self.staff.get(f"/orders/{order_id}")

    def payment(self, order_id: str) -> Json:
        found: list[Json] = self.customer.get(f"/payments?order_id={order_id}")["items"]
        if len(found) != 1:
            raise StoryFailed(f"the order has {len(found)} payments")
        return found[0]

    def available(self) -> int:
        return int(self.staff.get(f"/inventory/stock/{self.sku}")["available"])

    def deliver_to(self, warehouse: str, quantity: int) -> None:
        body = {"warehouse_id": warehouse, "delta": quantity, "reason": "delivery"}
        self.staff.post(f"/inventory/stock/{self.sku}/adjustments", body)
        tell(f"{quantity} more in the warehouse {warehouse}")

    def reserved(self) -> dict[str, int]:
        """By warehouse."""
        stock = self.staff.get(f"/inventory/stock/{self.sku}")
        return {one["warehouse_id"]: one["reserved"] for one in stock["warehouses"]}

    def delivered_so_far(self) -> int:
        """As analytics counts them."""
        now = datetime.fromisoformat(self.shop.client.get("/_local/clock").json()["now"])
        day = timedelta(days=1)
        funnel = self.staff.get(f"/analytics/funnel?from={(now - day).date()}&to={(now + day).date()}")
        return int(funnel["delivered"])

    def mails(self) -> list[str]:
        """The subjects of what was sent to the customer, oldest first."""
        return [mail["subject"] for mail in reversed(self.shop.mailbox(self._found["customer"]["email"]))]

    def forged_news(self, tracking_number: str) -> int:
        """The status that a webhook gets whose signature was made with another secret."""
        forger = Shop(self.shop.client, {"easypost": "guessed"})
        return forger.carrier_says(tracking_number, "delivered").status_code

    @contextlib.contextmanager
    def fault(self, **what: str) -> Iterator[None]:
        """Strikes once, meanwhile."""
        answer = self.shop.client.post("/_local/faults", json={**what, "times": 1})
        if answer.is_error:
            raise Refused(answer)
        try:
            yield
        finally:
            self.shop.client.delete("/_local/faults")

    def expect_status(self, order_id: str, status: str, because: str) -> Json:
        order = self.order(order_id)
        if order["status"] != status:
            raise StoryFailed(f"the order is {order['status']} ({order.get('reason') or 'no reason'}), not {status}")
        tell(f"{because}: {status}")
        return order


def _euros(amount: Json) -> str:
    return f"{amount['amount'] / 100:.2f} {amount['currency']}"
