"""Figures of one day, and how an event adds to them. Pure: they sum up alike in any order and in any batches.

A **sale** is an order that was confirmed: its money is authorised and its stock held, so shop and customer are bound.
It counts in the hour of its confirmation, with all that the customer owes: goods less discount, shipping and tax.

What takes from it counts in the hour when it happens, not in that of the sale, so that a month that was reported
stays as it was reported:

- a confirmed order that is cancelled takes its order, units and total back (`cancelled`). One that was cancelled
  before it was confirmed was no sale. Money that had been captured by then goes back as a refund too, which does not
  count a second time.
- any other refund, after a return or out of kindness, takes money only (`refunded`).

Revenue is gross - cancelled - refunded. Once all that was confirmed is captured or cancelled, that is what the ledger
has captured and not refunded.

A **buyer** is someone with a sale; one whose sale was cancelled stays one.
"""

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from common.domain.message import Message

STAGES: Final = {
    "OrderPlaced": "placed",
    "OrderConfirmed": "confirmed",
    "OrderShipped": "shipped",
    "OrderDelivered": "delivered",
    "OrderCancelled": "cancelled",
    "OrderReturned": "returned",
}
COUNTED: Final = {*STAGES, "OrderRejected", "PaymentRefunded"}
BUYER_BYTES: Final = 8  # of a hash: of a million customers, two share one with a likelihood of 1 in 37 million

Changes = Iterator[tuple[str, int]]


@dataclass
class Figures:
    """`counts` by path: `09/placed`, `09/rejected/out_of_stock`, `09/EUR/gross`, `sku/EUR/mug/units`.

    The first part is the hour (UTC) or `sku`. Amounts of money are minor units.
    """

    counts: Counter[str] = field(default_factory=Counter)
    buyers: set[bytes] = field(default_factory=set)

    def add(self, other: "Figures") -> None:
        self.counts.update(other.counts)
        self.buyers |= other.buyers

    def packed(self) -> bytes:
        """The same figures make the same bytes."""
        counts = {path: number for path, number in sorted(self.counts.items()) if number}
        buyers = b"".join(sorted(self.buyers))
        return zlib.compress(json.dumps([counts, buyers.hex()], separators=(",", ":")).encode(), 9)

    @classmethod
    def unpacked(cls, packed: bytes) -> "Figures":
        counts, buyers = json.loads(zlib.decompress(packed))
        return cls(Counter(counts), set(sliced(bytes.fromhex(buyers), BUYER_BYTES)))


def sliced(packed: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(packed), size):
        yield packed[start : start + size]


def buyer(customer_id: str) -> bytes:
    return sha256(customer_id.encode()).digest()[:BUYER_BYTES]


def folded(messages: Iterable[Message]) -> Figures:
    sums = Figures()
    for message in messages:
        sums.add(figures_of(message))
    return sums


def figures_of(message: Message) -> Figures:
    """What one event adds; nothing, for most. Raises LookupError or TypeError for what no version of ours has sent."""
    counts = Counter[str]()
    for path, number in _changes(message):
        counts[path] += int(number)
    buyers = {buyer(message.data["customer_id"])} if message.type == "OrderConfirmed" else set()
    return Figures(counts, buyers)


def _changes(message: Message) -> Changes:
    hour, data = f"{message.time:%H}", message.data
    if message.type in STAGES:
        yield f"{hour}/{STAGES[message.type]}", 1
    match message.type:
        case "OrderRejected":
            yield f"{hour}/rejected/{data['reason']}", 1
        case "OrderConfirmed":
            yield from _sale(hour, data["total"], data["items"])
        case "OrderCancelled" if items := data.get("items"):
            yield from _undone(hour, data["total"], items)
        case "PaymentRefunded" if not _undoes_the_order(data):
            yield f"{hour}/{data['amount']['currency']}/refunded", data["amount"]["amount"]


def _sale(hour: str, total: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> Changes:
    at = f"{hour}/{total['currency']}"
    yield f"{at}/orders", 1
    yield f"{at}/gross", total["amount"]
    for item in items:
        yield f"{at}/units", item["quantity"]
        yield from _goods(item, 1)


def _undone(hour: str, total: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> Changes:
    at = f"{hour}/{total['currency']}"
    yield f"{at}/orders", -1
    yield f"{at}/cancelled", total["amount"]
    for item in items:
        yield f"{at}/units", -item["quantity"]
        yield from _goods(item, -1)


def _goods(item: Mapping[str, Any], sign: int) -> Changes:
    at = f"sku/{item['total']['currency']}/{item['sku']}"
    yield f"{at}/units", sign * item["quantity"]
    yield f"{at}/revenue", sign * item["total"]["amount"]


def _undoes_the_order(refund: Mapping[str, Any]) -> bool:
    """Payment names the refund of a captured payment whose order is undone after the payment itself."""
    return bool(refund["refund_id"].removeprefix("ref_") == refund["payment_id"].removeprefix("pay_"))
