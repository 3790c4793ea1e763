"""Write units per event that analytics counts, by the size of its batches: counted at the seam.

A shop of 500 products, sold as they are in life (few of them often), one order in three from somebody new. Each order
is placed, confirmed, shipped and delivered: four events that count. The archive's PUTs are shown beside.

    python -m benchmarks.analytics [--events 2000]
"""

import argparse
import json
import math
import random
from collections import Counter
from typing import Any

import local.environments  # noqa: F401  before any function's module
from local import limits
from local.cli.synth import assembly
from local.platform import Platform
from local.seam import Call

BATCHES = (1, 10, 100, 1000)
PRODUCTS = 500
KB = 1024
WRITES = {"Put": "Item", "Update": "Key", "Delete": "Key"}
Json = dict[str, Any]


def units(operation: str, request: Json) -> int:
    """One for each KB of an item that is begun; two in a transaction (AWS: DynamoDB, read and write capacity)."""
    match operation:
        case "PutItem":
            return math.ceil(limits._size(request["Item"]) / KB)
        case "TransactWriteItems":
            parts = [one for item in request["TransactItems"] for one in item.items()]
            return sum(2 * math.ceil(limits._size(how[WRITES[kind]]) / KB) for kind, how in parts)
    return 0


def orders(number: int, chance: random.Random) -> list[Json]:
    """The events of so many orders, as they come: of one day, mixed."""
    events = []
    for order in range(number):
        at = 24 * 3600 * order // number
        lines = {f"sku-{min(int(chance.paretovariate(0.5)), PRODUCTS)}" for _ in range(3)}
        items = [{"sku": sku, "quantity": 1, "total": {"amount": 1990, "currency": "EUR"}} for sku in sorted(lines)]
        total = {"amount": 1990 * len(items) + 490, "currency": "EUR"}
        told = {"order_id": f"ord_{order:032x}", "customer_id": f"cus_{order // 3}", "items": items, "total": total}
        for sequence, type in enumerate(("OrderPlaced", "OrderConfirmed", "OrderShipped", "OrderDelivered"), 1):
            events.append(message(f"ord_{order:032x}", sequence, type, min(at + 300 * sequence, 86_399), told))
    return sorted(events, key=lambda event: str(event["time"]))


def message(stream: str, sequence: int, type: str, second: int, data: Json) -> Json:
    time = f"2026-01-05T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
    known = {"source": "order", "actor": "a", "correlation_id": "c", "causation_id": "c"}
    own = {"id": f"{stream}#{sequence}", "subject": stream, "sequence": sequence, "type": type, "time": time}
    return {**known, **own, "data": data}


def measure(size: int, events: list[Json]) -> Counter[str]:
    used: Counter[str] = Counter()

    def hear(call: Call, parameters: Any) -> None:
        if call.service == "dynamodb":
            used["writes"] += units(call.operation, parameters)
            used["requests"] += 1
        used["objects"] += call.service == "s3"

    with Platform.start(assembly(), seed=0, throttle=False) as platform:
        platform.seam.observers.append(hear)
        for start in range(0, len(events), size):
            records = [
                {"messageId": str(number), "body": json.dumps(event), "eventSource": "aws:sqs"}
                for number, event in enumerate(events[start : start + size])
            ]
            assert platform.invoke("commerce-analytics-consumer", {"Records": records}) == {"batchItemFailures": []}
    return used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=2000)
    events = orders(parser.parse_args().events // 4, random.Random(0))
    print(f"{'batch':>6}{'write units':>14}{'requests':>12}{'S3 objects':>12}   per event, of {len(events)}")
    for size in BATCHES:
        used = measure(size, events)
        each = [used[name] / len(events) for name in ("writes", "requests", "objects")]
        print(f"{size:>6}{each[0]:>14.4f}{each[1]:>12.4f}{each[2]:>12.4f}")


if __name__ == "__main__":
    main()
