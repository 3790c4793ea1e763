"""The rows of stock, and the writes that change them beside an event.

    pk                sk                  what
    stock#<sku>       <warehouse>         on_hand, reserved, available; always 0 <= reserved, 0 <= available
    sku#<sku>         -                   version of its stream; the word customers were told; gsi1 lists what is low
    movements#<sku>   <time>#<id>         goods that came or left; per warehouse they sum to on_hand

`available` is on_hand - reserved, kept because a condition of DynamoDB cannot subtract.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from common.domain.errors import ConcurrentWrite, Conflict
from common.infrastructure.rows import THE_ONE, Page, Row, Rows
from common.infrastructure.transaction import MISSING, Write, put, update
from inventory.stock.events import AnyStockEvent, AvailabilityChanged, StockAdjusted
from inventory.stock.levels import Allocation, Level, ReservedItem, parts

LOW = "low-stock"


class StockMoved(Conflict):
    """A warehouse has less than it had a moment ago: read again, and decide again."""


class BooksDisagree(Conflict):
    """A reservation says that goods are reserved, and their row says that they are not. It must never happen."""


class StockRows:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def levels(self, sku: str) -> tuple[Level, ...]:
        return tuple(Level(**_level(row)) for row in self._rows.every(f"stock#{sku}"))

    def level(self, sku: str, warehouse_id: str) -> Level | None:
        row = self._rows.get(f"stock#{sku}", warehouse_id)
        return Level(**_level(row)) if row else None

    def head(self, sku: str) -> Row:
        """The SKU's own row, with `version` 0 when nothing has happened to it yet."""
        return self._rows.get(f"sku#{sku}") or {"pk": f"sku#{sku}", "sk": THE_ONE, "sku": sku, "version": 0}

    def low(self, limit: int, after: Mapping[str, Any] | None) -> Page:
        """SKUs that were last said to be low or out, those that are out first."""
        return self._rows.query(LOW, index="gsi1", limit=limit, after=after, newest_first=True)

    def movements(self, sku: str, limit: int, after: Mapping[str, Any] | None) -> Page:
        return self._rows.query(f"movements#{sku}", limit=limit, after=after, newest_first=True)

    def record(self, movement: Row) -> None:
        """The same movement twice is the same row."""
        self._rows.put(movement)

    def adjusted(self, event: StockAdjusted, before: Level | None, movement: Row) -> list[Write]:
        """Only on what was decided on: the event says what stands there after it."""
        row = {"pk": f"stock#{event.sku}", "sk": event.warehouse_id, **event.model_dump(include={"available"})}
        row |= {"on_hand": event.on_hand, "reserved": event.reserved}
        outrun = ConcurrentWrite("The stock has just changed. Try again.")
        if before is None:
            level = put(self._rows.table, row, outrun, MISSING)
        else:
            same = "#on_hand = :on_hand AND #reserved = :reserved"
            level = put(self._rows.table, row, outrun, same, on_hand=before.on_hand, reserved=before.reserved)
        return [level, put(self._rows.table, movement, outrun)]

    def next_head(self, head: Row, event: AnyStockEvent) -> Write:
        """Unconditional: the stream lets one commit through per version."""
        row = {**head, "version": head["version"] + 1}
        if isinstance(event, AvailabilityChanged):
            row = {name: value for name, value in row.items() if not name.startswith("gsi1")}
            row["availability"] = event.availability
            if event.availability != "in_stock":
                row |= {"gsi1pk": LOW, "gsi1sk": f"{event.availability}#{event.sku}"}
        return put(self._rows.table, row, ConcurrentWrite("The stock has just changed. Try again."))

    def reserve(self, sku: str, part: Allocation) -> Write:
        change = "SET #reserved = #reserved + :quantity, #available = #available - :quantity"
        moved = StockMoved(f"There is less of {sku} than a moment ago.")
        return self._change(sku, part, change, "#available >= :quantity", moved)

    def release(self, sku: str, part: Allocation) -> Write:
        change = "SET #reserved = #reserved - :quantity, #available = #available + :quantity"
        return self._change(sku, part, change, "#reserved >= :quantity", _disagree(sku))

    def commit(self, sku: str, part: Allocation) -> Write:
        change = "SET #reserved = #reserved - :quantity, #on_hand = #on_hand - :quantity"
        return self._change(sku, part, change, "#reserved >= :quantity AND #on_hand >= :quantity", _disagree(sku))

    def take_back(self, sku: str, part: Allocation) -> Write:
        change = "SET #on_hand = #on_hand + :quantity, #available = #available + :quantity"
        return self._change(sku, part, change, "attribute_exists(#pk)", _disagree(sku))

    def _change(self, sku: str, part: Allocation, change: str, condition: str, otherwise: Conflict) -> Write:
        key = {"pk": f"stock#{sku}", "sk": part.warehouse_id}
        return update(self._rows.table, key, change, otherwise, condition, quantity=part.quantity)


def arrived(event: StockAdjusted, event_id: str) -> Row:
    """The movement of an adjustment; what was lost is negative."""
    part = Allocation(warehouse_id=event.warehouse_id, quantity=event.delta)
    return _movement(event.sku, part, event.at, event_id, kind="adjustment", reason=event.reason)


def left(items: Iterable[ReservedItem], at: datetime, event_id: str, order_id: str) -> list[Row]:
    """The movements of goods that were sold."""
    return [
        _movement(
            sku, part.model_copy(update={"quantity": -part.quantity}), at, event_id, kind="sale", order_id=order_id
        )
        for sku, part in parts(items)
    ]


def came_back(items: Iterable[ReservedItem], at: datetime, event_id: str, order_id: str) -> list[Row]:
    """The movements of goods that were returned."""
    return [_movement(sku, part, at, event_id, kind="return", order_id=order_id) for sku, part in parts(items)]


def _movement(sku: str, part: Allocation, at: datetime, event_id: str, **why: str) -> Row:
    """One event moves a warehouse once, so its id and the warehouse make the row's key: recorded twice, it is one."""
    return {
        "pk": f"movements#{sku}",
        "sk": f"{stamp(at)}#{event_id}#{part.warehouse_id}",
        "sku": sku,
        "warehouse_id": part.warehouse_id,
        "delta": part.quantity,
        "at": stamp(at),
        **why,
    }


def stamp(at: datetime) -> str:
    """In UTC and of one length, so that text sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _level(row: Row) -> Row:
    return {"warehouse_id": row["sk"], "on_hand": row["on_hand"], "reserved": row["reserved"]}


def _disagree(sku: str) -> BooksDisagree:
    return BooksDisagree(f"The books of {sku} do not agree.")
