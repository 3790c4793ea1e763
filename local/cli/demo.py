"""`./commerce demo`: real orders over HTTP, things broken on purpose, and the promises checked after each story."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from local.cli import output
from local.cli.seed import ADMIN
from local.cli.up import STATE, running
from local.shop import Json, Person, Shop

PATIENCE_S = 120


class StoryFailed(Exception):
    """It did not end as it should."""


@dataclass
class Stage:
    """A running shop, its staff, a new customer, and a SKU that no other story touches."""

    shop: Shop
    staff: Person
    email: str
    customer: Person
    sku: str

    def settle(self) -> None:
        self.shop.settle(PATIENCE_S)

    def order(self, order_id: str) -> Json:
        return self.customer.get(f"/orders/{order_id}")

    def place(self, quantity: int = 1, payment_method: str = "pm_card_visa") -> str:
        order = self.customer.order(self.sku, quantity, payment_method)
        tell(f"order {order['order_id'][:12]}… is {order['status']}: {_money(order['total'])}")
        self.settle()
        return str(order["order_id"])

    def available(self) -> int:
        return int(self.staff.get(f"/inventory/stock/{self.sku}")["available"])


def tell(text: str) -> None:
    output.say(f"    {text}")


def expect(what: str, is_so: bool) -> None:
    if not is_so:
        raise StoryFailed(what)
    tell(what)


def delivered(stage: Stage) -> None:
    """An order is placed, paid, shipped and delivered."""
    order_id = stage.place(2)
    expect(
        "the saga has reserved the stock, authorised the payment and confirmed it", _is(stage, order_id, "confirmed")
    )
    parcel = stage.shop.dispatch(stage.staff, order_id)
    tell(f"staff hands it to {parcel['carrier']}: {parcel['tracking_number']}")
    stage.settle()
    expect("the money is captured and the order shipped", _is(stage, order_id, "shipped"))
    stage.shop.carrier_says(parcel["tracking_number"], "delivered")
    stage.settle()
    expect("the carrier's signed webhook says delivered, and so does the order", _is(stage, order_id, "delivered"))
    for mail in reversed(stage.shop.mailbox(stage.email)):
        tell(f"mail: {mail['subject']}")
    for entry in stage.customer.get(f"/orders/{order_id}/timeline")["items"]:
        tell(f"{entry['at'][11:19]}  {entry['type']:<22} {entry['summary']}")


def declined(stage: Stage) -> None:
    """A card is declined: the order is rejected, the stock comes back."""
    before = stage.available()
    order_id = stage.place(1, "pm_card_chargeDeclined")
    expect("the order is rejected", _is(stage, order_id, "rejected"))
    expect("because the payment was declined", stage.order(order_id)["reason"] == "payment_declined")
    expect("and what was reserved is there again", stage.available() == before)


def sold_out(stage: Stage) -> None:
    """Twelve buyers at once, five things: five are confirmed, seven hear that they came too late."""
    missing = stage.available() - 5
    stage.staff.post(
        f"/inventory/stock/{stage.sku}/adjustments", {"warehouse_id": "main", "delta": -missing, "reason": "demo"}
    )
    with ThreadPoolExecutor(12) as buyers:
        orders = list(buyers.map(lambda _: stage.customer.order(stage.sku)["order_id"], range(12)))
    tell("twelve orders are placed at once")
    stage.settle()
    ends = [stage.order(order_id) for order_id in orders]
    expect("five are confirmed", [end["status"] for end in ends].count("confirmed") == 5)
    expect("seven are rejected: out_of_stock", [end.get("reason") for end in ends].count("out_of_stock") == 7)
    expect("nothing is left, and nothing is owed", stage.available() == 0)


def customer_must_act(stage: Stage) -> None:
    """The bank wants to see the customer (3-D Secure): the order waits, and goes on when they have acted."""
    order_id = stage.place(1, "pm_card_threeDSecure2Required")
    expect("the order waits for its customer", _is(stage, order_id, "awaiting_payment"))
    [payment] = stage.customer.get(f"/payments?order_id={order_id}")["items"]
    stage.shop.client.get(payment["next_action"]["redirect_url"])
    tell("the customer follows the link and confirms")
    stage.settle()
    expect("the provider's signed webhook lets the order go on: confirmed", _is(stage, order_id, "confirmed"))


def provider_times_out(stage: Stage) -> None:
    """The payment provider captures the money, and its answer is lost."""
    order_id = stage.place()
    fault = {"service": "stripe", "operation": "capture", "kind": "timeout_after", "times": 1}
    stage.shop.client.post("/_local/faults", json=fault)
    tell("the next capture will time out, after it was done")
    stage.shop.dispatch(stage.staff, order_id)
    stage.settle()
    expect("the provider was asked what happened, and the order is shipped", _is(stage, order_id, "shipped"))
    [payment] = stage.customer.get(f"/payments?order_id={order_id}")["items"]
    expect("the money was captured once", payment["captured"] == stage.order(order_id)["total"])


STORIES: tuple[Callable[[Stage], None], ...] = (
    delivered,
    declined,
    sold_out,
    customer_must_act,
    provider_times_out,
)


def run() -> int:
    """0 when every story ends well and every promise holds."""
    with _platform() as state, httpx.Client(base_url=state["api_url"], timeout=PATIENCE_S) as client:
        shop, failed = Shop(client, state["webhook_secrets"]), 0
        for number, story in enumerate(STORIES, start=1):
            output.heading(f"{number}. {story.__doc__}")
            failed += not _plays(story, shop)
    output.heading(f"All {len(STORIES)} stories ended well." if not failed else f"{failed} stories failed.")
    return 1 if failed else 0


def _plays(story: Callable[[Stage], None], shop: Shop) -> bool:
    started = time.perf_counter()
    try:
        story(_stage(shop))
        broken = shop.promises_broken()
    except StoryFailed as failure:
        output.complain(f"    This did not hold: {failure}")
        return False
    for promise in broken:
        output.complain(f"    A promise is broken: {promise['promise']} {promise['breaks']}")
    if not broken:
        tell(f"✓ every promise holds ({time.perf_counter() - started:.1f} s)")
    return not broken


_numbers = count(1)


def _stage(shop: Shop) -> Stage:
    tag = uuid4().hex[:8]
    staff = shop.sign_in(ADMIN["email"], ADMIN["password"])
    email, sku = f"demo-{tag}@customer.example", f"demo-{tag}"
    customer = shop.join(email)
    shop.stock(staff, sku, 20, price=1990, name=f"Demo mug {next(_numbers)}")
    shop.settle(PATIENCE_S)
    return Stage(shop, staff, email, customer, sku)


@contextlib.contextmanager
def _platform() -> Iterator[dict[str, Any]]:
    """The platform that runs already, or one of its own."""
    if STATE.exists():
        state: dict[str, Any] = json.loads(STATE.read_text())
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{state['api_url']}/health", timeout=5).status_code == 200:
                output.say(f"Using the platform at {state['api_url']}")
                yield state
                return
    output.say("Starting a platform for the demo")
    with running(port=0) as state:
        yield state


def _is(stage: Stage, order_id: str, status: str) -> bool:
    found = stage.order(order_id)["status"]
    if found != status:
        tell(f"(the order is {found})")
    return bool(found == status)


def _money(amount: Json) -> str:
    return f"{amount['amount'] / 100:.2f} {amount['currency']}"
