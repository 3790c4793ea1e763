"""What one three-item order costs, from POST to delivered: counted at the seam, priced from the list.

Mail is shown apart: what a shop writes to its customers is not the platform's to save. Batches are as full as the
number of orders placed together makes them (`--together`); one alone is the dearest.

    python -m benchmarks.order_cost [--together 20]
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import local.environments  # noqa: F401  before any function's module
from benchmarks.prices import MILLION, PRICES
from local.cli.synth import assembly
from local.platform import Platform
from local.seam import Call
from local.shop import Shop

SKUS = ("mug", "cup", "bowl")
MEMORY_GB = 0.5
EXPRESS_MEMORY_GB = 64 / 1024  # the least that is billed


def size(item: dict[str, Any]) -> int:
    """Bytes of an item as DynamoDB counts them, near enough: names and values as text."""
    return len(json.dumps(item, default=str)) - 8 * len(item)


def indexes(item: dict[str, Any]) -> int:
    return sum(f"gsi{number}pk" in item for number in (1, 2))


def written(operation: str, request: dict[str, Any]) -> float:
    """Write units. An update is taken for one of a small item; a transaction doubles them."""
    match operation:
        case "PutItem":
            return math.ceil(size(request["Item"]) / 1024) * (1 + indexes(request["Item"]))
        case "UpdateItem" | "DeleteItem":
            return 1
        case "TransactWriteItems":
            return 2 * sum(
                written({"Put": "PutItem"}.get(kind, "UpdateItem"), one)
                for item in request["TransactItems"]
                for kind, one in item.items()
            )
        case "BatchWriteItem":
            puts = [write["PutRequest"] for writes in request["RequestItems"].values() for write in writes]
            return sum(written("PutItem", put) for put in puts)
    return 0


def read(operation: str, request: dict[str, Any]) -> float:
    """Read units of 4 KB, strongly consistent unless an index is read."""
    match operation:
        case "GetItem":
            return 1
        case "Query":
            return 0.5 if "IndexName" in request else 1
        case "BatchGetItem":
            return sum(len(one["Keys"]) for one in request["RequestItems"].values())
    return 0


def by_domain(operation: str, request: dict[str, Any]) -> dict[str, float]:
    """Write units by the domain whose tables take them."""
    units: dict[str, float] = {}
    for table, part in _by_table(operation, request):
        domain = table.split("-")[1]
        units[domain] = units.get(domain, 0) + written(operation, part)
    return units


def _by_table(operation: str, request: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A request taken apart, so that each part writes to one table."""
    match operation:
        case "TransactWriteItems":
            for item in request["TransactItems"]:
                yield next(iter(item.values()))["TableName"], {"TransactItems": [item]}
        case "BatchWriteItem":
            for table, writes in request["RequestItems"].items():
                yield table, {"RequestItems": {table: writes}}
        case "PutItem" | "UpdateItem" | "DeleteItem":
            yield request["TableName"], request


class Tally:
    def __init__(self) -> None:
        self.used: Counter[str] = Counter()
        self.written: Counter[str] = Counter()  # write units by domain
        self.requests: Counter[str] = Counter()

    def hear(self, call: Call, parameters: Any) -> None:
        self.requests[f"{call.service}.{call.operation}"] += 1
        match call.service, call.operation:
            case "dynamodb", operation:
                self.used["dynamodb.write_unit"] += written(operation, parameters)  # type: ignore[assignment]
                self.written.update(by_domain(operation, parameters))
                self.used["dynamodb.read_unit"] += read(operation, parameters)  # type: ignore[assignment]
            case "events", "PutEvents":
                self.used["events.event"] += len(parameters["Entries"])
            case "s3", "PutObject":
                self.used["s3.put"] += 1
            case "sqs", _:
                self.used["sqs.request"] += 1
            case "stepfunctions", "StartExecution":
                self.used["states.express_request"] += 1
            case "lambda", "Invoke":
                self.used["lambda.request"] += 1
            case "sesv2", _:
                self.used["ses.mail"] += 1
            case "kms", _:
                self.used["kms.request"] += 1
            case "secretsmanager", _:
                self.used["secretsmanager.request"] += 1


def play(platform: Platform, shop: Shop, together: int) -> None:
    staff, ada = shop.sign_in("admin@commerce.example"), shop.sign_in("ada@customer.example")
    items = [{"sku": sku, "quantity": 1} for sku in SKUS]
    orders = [ada.order("mug", items=items)["order_id"] for _ in range(together)]
    shop.settle()
    parcels = [shop.dispatch(staff, order_id) for order_id in orders]
    shop.settle()
    for parcel in parcels:
        shop.carrier_says(parcel["tracking_number"], "delivered")
    shop.settle()
    assert {ada.get(f"/orders/{order_id}")["status"] for order_id in orders} == {"delivered"}


def measure(together: int) -> tuple[Tally, int]:
    """What `together` orders used, and their number. A round before it warms the functions up."""
    with Platform.start(assembly(), seed=0, throttle=False) as platform:
        shop = Shop(platform.client(), platform.webhook_secrets)
        staff = shop.join("admin@commerce.example", "Grace")
        shop.join("ada@customer.example")
        for sku in SKUS:
            shop.stock(staff, sku, 10_000)
        shop.settle()
        play(platform, shop, 1)
        tally = Tally()
        platform.seam.observers.append(tally.hear)
        first, logged = len(platform.functions.invocations), _log_bytes(platform)
        play(platform, shop, together)
        platform.advance(20 * 60)  # until what was noted for later has been looked at
        ran = list(platform.functions.invocations)[first:]
        tally.used["lambda.gb_second"] += sum(run.busy for run in ran) * MEMORY_GB  # type: ignore[assignment]
        tally.used["logs.gb"] += (_log_bytes(platform) - logged) / 1024**3  # type: ignore[assignment]
        # Three requests make an order: POST /orders, POST …/dispatch, and the carrier's webhook; Stripe sends one more.
        tally.used["apigateway.request"] += 4 * together
        return tally, together


def _log_bytes(platform: Platform) -> int:
    return sum(function.log_bytes for function in platform.functions.by_name.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--together", type=int, default=20)
    tally, orders = measure(parser.parse_args().together)
    print(f"{'per order, of ' + str(orders):<32}{'used':>12}{'$ per million orders':>24}")
    for name, used in sorted(tally.used.items(), key=lambda one: -one[1] * PRICES[one[0]]):
        print(f"{name:<32}{used / orders:>12.3f}{used / orders * PRICES[name] * MILLION:>24.2f}")
    total = sum(used * PRICES[name] for name, used in tally.used.items() if name != "ses.mail") / orders * MILLION
    print(f"{'without mail':<32}{'':>12}{total:>24.2f}")
    print("write units by domain")
    for name, used in tally.written.most_common():
        print(f"  {name:<36}{used / orders:>8.2f}")
    print("requests")
    for name, times in tally.requests.most_common(20):
        print(f"  {name:<36}{times / orders:>8.2f}")


if __name__ == "__main__":
    main()
