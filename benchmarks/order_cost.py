"""What orders cost, from POST to their end: counted at the seam, priced from the list. Each has three lines.

    order      placed, sent in one parcel, delivered
    parts      the same in two parcels
    cancel     placed, confirmed, cancelled
    return     what a return of one line costs, beyond the order: asked for, approved, received, paid back

Mail is shown apart: what a shop writes to its customers is not the platform's to save. Batches are as full as the
number of orders placed together makes them (`--together`); one alone is the dearest. Signing in is not counted, nor is
starting functions: the same story has been played before, as often.

Lambda's time is the processor time that a function takes here, the emulated services' own included, which stand in
for waiting for AWS. Below 1,769 MB a function has that part of a processor (AWS's figure), so a second of it costs as
much at any size. A provider's answer is taken to last 300 ms, which are waited for at the function's own size.

    python -m benchmarks.order_cost [--together 20]
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import local.environments  # noqa: F401  before any function's module
from benchmarks.prices import MILLION, PRICES
from benchmarks.units import read, written
from local.cli.synth import assembly
from local.platform import Platform
from local.seam import Call
from local.shop import Person, Shop

SKUS = ("mug", "cup", "bowl")
PROCESSOR_GB = 1769 / 1024  # of memory that come with one processor
MEMORY_GB = 0.5
PROVIDERS = {"stripe", "easypost"}
PROVIDER_SECONDS = 0.3
MESSAGES_A_REQUEST = 10  # SQS's limit; the laptop takes a batch at once


class Tally:
    def __init__(self) -> None:
        self.used: Counter[str] = Counter()
        self.written: Counter[str] = Counter()  # write units by domain
        self.rows: Counter[str] = Counter()  # write units by table and kind of row
        self.requests: Counter[str] = Counter()

    def add(self, what: str, amount: float) -> None:
        self.used[what] += amount  # type: ignore[assignment]

    def hear(self, call: Call, parameters: Any) -> None:
        self.requests[f"{call.service}.{call.operation}"] += 1
        match call.service, call.operation:
            case "dynamodb", operation:
                for row in written(operation, parameters):
                    self.add("dynamodb.write_unit", row.units)
                    self.written[row.domain] += row.units  # type: ignore[assignment]
                    self.rows[row.row] += row.units  # type: ignore[assignment]
                self.add("dynamodb.read_unit", read(operation, parameters))
            case "events", "PutEvents":
                self.add("events.event", len(parameters["Entries"]))
            case "s3", "PutObject":
                self.add("s3.put", 1)
            case "sqs", "SendMessage":
                self.add("sqs.request", 1)
            case "stepfunctions", "StartExecution":
                self.add("states.express_request", 1)
            case "lambda", "Invoke":
                self.add("lambda.request", 1)
                self.add("sqs.request", 2 * _requests_for(parameters["Payload"]))  # to receive them, and to delete them
            case "sesv2", _:
                self.add("ses.mail", 1)
            case "kms", _:
                self.add("kms.request", 1)
            case "secretsmanager", _:
                self.add("secretsmanager.request", 1)
            case service, _ if service in PROVIDERS:
                self.add("lambda.gb_second", PROVIDER_SECONDS * MEMORY_GB)

    @property
    def dollars(self) -> float:
        """Without mail."""
        return sum(used * PRICES[name] for name, used in self.used.items() if name != "ses.mail")


def _requests_for(payload: bytes) -> int:
    """How many pages of messages a function has been given."""
    event = json.loads(payload)
    records = event.get("Records", []) if isinstance(event, dict) else []
    messages = [record for record in records if record.get("eventSource") == "aws:sqs"]
    return math.ceil(len(messages) / MESSAGES_A_REQUEST)


class People(NamedTuple):
    shop: Shop
    staff: Person
    ada: Person

    @classmethod
    def of(cls, shop: Shop) -> "People":
        return cls(shop, shop.sign_in("admin@commerce.example"), shop.sign_in("ada@customer.example"))

    def place(self, number: int) -> list[str]:
        items = [{"sku": sku, "quantity": 1} for sku in SKUS]
        orders = [self.ada.order("", items=items)["order_id"] for _ in range(number)]
        self.shop.settle()
        return orders

    def send(self, shipments: list[str]) -> None:
        parcels = [self.staff.post(f"/shipments/{shipment_id}/dispatch") for shipment_id in shipments]
        self.shop.settle()
        for parcel in parcels:
            self.shop.carrier_says(parcel["tracking_number"], "delivered")
        self.shop.settle()

    def shipment(self, order_id: str) -> str:
        [shipment] = self.staff.get(f"/shipments?order_id={order_id}")["items"]
        return str(shipment["shipment_id"])

    def require(self, orders: list[str], status: str) -> None:
        assert {self.ada.get(f"/orders/{order_id}")["status"] for order_id in orders} == {status}


def delivered(people: People, orders: list[str]) -> None:
    people.send([people.shipment(order_id) for order_id in orders])
    people.require(orders, "delivered")


def in_parts(people: People, orders: list[str]) -> None:
    whole = [people.shipment(order_id) for order_id in orders]
    one = {"items": [{"sku": SKUS[0], "quantity": 1}]}
    parts = [people.staff.post(f"/shipments/{shipment_id}/split", one)["shipment_id"] for shipment_id in whole]
    people.send([*parts, *whole])
    people.require(orders, "delivered")


def cancelled(people: People, orders: list[str]) -> None:
    for order_id in orders:
        people.ada.post(f"/orders/{order_id}/cancel")
    people.shop.settle()
    people.require(orders, "cancelled")


def returned(people: People, orders: list[str]) -> None:
    one = {"items": [{"sku": SKUS[0], "quantity": 1}], "reason": "too big"}
    asked = [(order_id, people.ada.post(f"/orders/{order_id}/returns", one)["return_id"]) for order_id in orders]
    for step in ("approve", "receive"):
        people.shop.settle()
        for order_id, return_id in asked:
            people.staff.post(f"/orders/{order_id}/returns/{return_id}/{step}")
    people.shop.settle()
    for order_id, return_id in asked:
        assert people.ada.get(f"/orders/{order_id}/returns/{return_id}")["status"] == "completed"


Ending = Callable[[People, list[str]], None]


class Story(NamedTuple):
    """Requests of our HTTP API, the provider's and the carrier's words included; reading is not counted."""

    ending: Ending
    requests: int
    before: Ending | None = None  # what is not counted


STORIES = {
    "order": Story(delivered, 4),
    "parts": Story(in_parts, 8),
    "cancel": Story(cancelled, 3),
    "return": Story(returned, 4, before=delivered),
}


def measure(platform: Platform, shop: Shop, story: Story, together: int) -> Tally:
    """What one order used, of so many."""
    people, orders = People.of(shop), []
    if story.before:
        orders = people.place(together)
        story.before(people, orders)
        platform.advance(20 * 60)
        people = People.of(shop)
    shop.settle()
    tally = Tally()
    platform.seam.observers.append(tally.hear)
    platform.functions.invocations.clear()
    logged = _log_bytes(platform)
    story.ending(people, orders or people.place(together))
    platform.advance(20 * 60)  # until what was noted for later has been looked at
    platform.seam.observers.remove(tally.hear)
    tally.add("lambda.gb_second", sum(run.busy for run in platform.functions.invocations) * PROCESSOR_GB)
    tally.add("logs.gb", (_log_bytes(platform) - logged) / 1024**3)
    tally.add("apigateway.request", story.requests * together)
    for counted in (tally.used, tally.written, tally.rows, tally.requests):
        for name in counted:
            counted[name] /= together  # type: ignore[assignment]
    return tally


def _log_bytes(platform: Platform) -> int:
    return sum(function.log_bytes for function in platform.functions.by_name.values())


def measure_all(together: int) -> dict[str, Tally]:
    with Platform.start(assembly(), seed=0, throttle=False) as platform:
        shop = Shop(platform.client(), platform.webhook_secrets)
        staff = shop.join("admin@commerce.example", "Grace")
        shop.join("ada@customer.example")
        for sku in SKUS:
            shop.stock(staff, sku, 10_000)
        shop.settle()
        for story in STORIES.values():
            measure(platform, shop, story, together)
        return {name: measure(platform, shop, story, together) for name, story in STORIES.items()}


def show(name: str, tally: Tally) -> None:
    print(f"{name:<44}{'used':>12}{'$ per million':>18}")
    for what, used in sorted(tally.used.items(), key=lambda one: -one[1] * PRICES[one[0]]):
        print(f"{what:<44}{used:>12.3f}{used * PRICES[what] * MILLION:>18.2f}")
    print(f"{'without mail':<44}{'':>12}{tally.dollars * MILLION:>18.2f}")
    for title, counted in (
        ("write units by domain", tally.written),
        ("write units by table and row", tally.rows),
        ("requests", tally.requests),
    ):
        print(title)
        for what, times in counted.most_common(40):
            print(f"  {what:<52}{times:>8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--together", type=int, default=20)
    together = parser.parse_args().together
    tallies = measure_all(together)
    show(f"an order, of {together}", tallies["order"])
    print(f"\n{'without mail':<16}{'$ per million':>14}{'write units':>14}{'events':>10}{'sqs':>8}{'lambda':>9}")
    for name, tally in tallies.items():
        used = [tally.used[what] for what in ("dynamodb.write_unit", "events.event", "sqs.request", "lambda.request")]
        print(f"{name:<16}{tally.dollars * MILLION:>14.2f}" + "{:>14.2f}{:>10.2f}{:>8.2f}{:>9.2f}".format(*used))


if __name__ == "__main__":
    main()
