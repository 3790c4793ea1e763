"""Goods that came or left: rows that sum, per warehouse, to what is on hand.

pk                sk                             what
movements#<sku>   <time>#<event>#<warehouse>     one event moves a warehouse once, so recorded twice it is one
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from common.domain.message import Message
from common.infrastructure.rows import Row
from inventory.stock.events import StockAdjusted
from inventory.stock.levels import ReservedItem, parts
from inventory.stock.times import stamp


def arrived(event: StockAdjusted, event_id: str) -> Row:
    """What was lost is negative."""
    return _movement(
        event.sku, event.warehouse_id, event.delta, event.at, event_id, kind="adjustment", reason=event.reason
    )


def moved(message: Message) -> list[Row]:
    """The movements of goods that were sold, or came back."""
    kind, sign = {"StockCommitted": ("sale", -1), "StockReturned": ("return", 1)}[message.type]
    items = [ReservedItem.model_validate(item) for item in message.data["items"]]
    return [
        _movement(*place, sign * quantity, message.time, message.id, kind=kind, order_id=message.data["order_id"])
        for place, quantity in _by_warehouse(items).items()
    ]


def _by_warehouse(items: Iterable[ReservedItem]) -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for sku, part in parts(items):
        sums[sku, part.warehouse_id] += part.quantity
    return sums


def _movement(sku: str, warehouse_id: str, delta: int, at: datetime, event_id: str, **why: str) -> Row:
    return {
        "pk": f"movements#{sku}",
        "sk": f"{stamp(at)}#{event_id}#{warehouse_id}",
        "sku": sku,
        "warehouse_id": warehouse_id,
        "delta": delta,
        "at": stamp(at),
        **why,
    }
