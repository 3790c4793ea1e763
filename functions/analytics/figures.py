"""How an event changes the figures. Pure: a message in, amounts to add to buckets out.

bucket              adds
sales               orders, units and revenue of an hour in a currency; refunds and cancellations take away
product             units and revenue of a SKU on a day in a currency
funnel              orders that came so far, on the day they did
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from common.domain.message import Message

STAGES = {
    "OrderPlaced": "placed",
    "OrderConfirmed": "confirmed",
    "OrderShipped": "shipped",
    "OrderDelivered": "delivered",
    "OrderCancelled": "cancelled",
}


class Bucket(NamedTuple):
    """A row of counters. `labels` says what it is about, as (name, text)."""

    pk: str
    sk: str
    labels: tuple[tuple[str, str], ...] = ()


Amounts = Counter[str]


def folded(messages: Iterable[Message]) -> dict[Bucket, Amounts]:
    """What all of them add, bucket by bucket."""
    sums: dict[Bucket, Amounts] = {}
    for message in messages:
        for bucket, amounts in changes(message):
            sums.setdefault(bucket, Counter()).update(amounts)
    return sums


def changes(message: Message) -> Iterator[tuple[Bucket, Mapping[str, int]]]:
    day, data = message.time.strftime("%Y-%m-%d"), message.data
    if message.type in STAGES:
        yield Bucket(f"funnel#{day}", STAGES[message.type]), {"orders": 1}
    match message.type:
        case "OrderRejected":
            yield Bucket(f"funnel#{day}", f"rejected#{data['reason']}"), {"orders": 1}
        case "OrderConfirmed":
            yield from _sold(message, day)
        case "PaymentRefunded":
            amount = data["amount"]
            yield _hour(message, day, amount["currency"]), {"revenue": -amount["amount"]}


def _sold(message: Message, day: str) -> Iterator[tuple[Bucket, Mapping[str, int]]]:
    items, total = message.data["items"], message.data["total"]
    units = sum(item["quantity"] for item in items)
    yield _hour(message, day, total["currency"]), {"orders": 1, "units": units, "revenue": total["amount"]}
    for item in items:
        bucket = Bucket(f"product#{total['currency']}#{day}", item["sku"], (("name", item["name"]),))
        yield bucket, {"units": item["quantity"], "revenue": item["total"]["amount"]}


def _hour(message: Message, day: str, currency: str) -> Bucket:
    return Bucket(f"sales#{currency}#{day}", message.time.strftime("%H"))


def keyed(bucket: Bucket) -> dict[str, Any]:
    return {"pk": bucket.pk, "sk": bucket.sk}
