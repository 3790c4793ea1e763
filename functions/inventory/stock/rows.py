"""The rows of stock, and the writes that change them beside an event.

    pk                    sk             what
    stock#<sku>           <warehouse>    on_hand, reserved, available; always 0 <= reserved, 0 <= available
    stock#<sku>#<shard>   <warehouse>    the same, of a hot SKU: each shard is a partition of its own
    stock#<sku>           #spread        whether it is hot: how many shards are in use, and how many ever were
    sku#<sku>             -              version of its stream; the word customers were told; gsi1 lists what is low

`available` is on_hand - reserved, kept because a condition of DynamoDB cannot subtract.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from common.domain.errors import ConcurrentWrite, Conflict
from common.infrastructure.rows import THE_ONE, Page, Row, Rows
from common.infrastructure.transaction import MISSING, Write, put, update
from inventory.stock.events import (
    AnyStockEvent,
    AvailabilityChanged,
    PlaceDelta,
    StockAdjusted,
    StockGathered,
    StockShifted,
    StockSpread,
)
from inventory.stock.levels import Allocation, Level, Stock

LOW = "low-stock"
SPREAD = "#spread"  # sorts before every warehouse, and cannot be one
MAX_KEYS = 100  # the service's limit for one BatchGetItem call
LOOKS = 5  # at places between which goods are being shifted


class StockMoved(Conflict):
    """A place has less than it had a moment ago: read again, and decide again."""


class BooksDisagree(Conflict):
    """A reservation says that goods are reserved, and their row says that they are not. It must never happen."""


class StockRows:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def everywhere(self, sku: str) -> Stock:
        """All its places. Read while goods are shifted between them, none of the goods is missed."""
        for _ in range(LOOKS):
            own = self._own(sku)
            if not own.shards:
                return own
            shards = self._shards(sku, own)
            if self._own(sku) == own:  # what is shifted comes from or goes to the warehouse's own place
                break
        return Stock((*own.levels, *shards), own.spread, own.shards)

    def nearby(self, sku: str, order_id: str) -> Stock:
        """Where an order looks first: all there is; of a hot SKU, the shard that its id points to."""
        own = self._own(sku)
        if not own.spread:
            return own
        shard = crc32(order_id.encode()) % own.spread
        levels = tuple(_level(row, shard) for row in self._rows.every(_key(sku, shard)))
        return Stock(levels, own.spread, own.shards)

    def _own(self, sku: str) -> Stock:
        mark, levels = Row(), list[Level]()
        for row in self._rows.every(_key(sku, None)):
            if row["sk"] == SPREAD:
                mark = row
            else:
                levels.append(_level(row, None))
        return Stock(tuple(levels), mark.get("spread", 0), mark.get("shards", 0))

    def _shards(self, sku: str, own: Stock) -> list[Level]:
        keys = [(_key(sku, shard), level.warehouse_id) for shard in range(own.shards) for level in own.levels]
        batches = (keys[start : start + MAX_KEYS] for start in range(0, len(keys), MAX_KEYS))
        found = [row for some in batches for row in self._rows.get_all(some)]
        return sorted(
            (_level(row, int(row["pk"].rpartition("#")[2])) for row in found),
            key=lambda level: (level.warehouse_id, level.shard),
        )

    def head(self, sku: str) -> Row:
        """The SKU's own row, with `version` 0 when nothing has happened to it yet."""
        return self._rows.get(f"sku#{sku}") or {"pk": f"sku#{sku}", "sk": THE_ONE, "sku": sku, "version": 0}

    def low(self, limit: int, after: Mapping[str, Any] | None) -> Page:
        """SKUs that were last said to be low or out, those that are out first."""
        return self._rows.query(LOW, index="gsi1", limit=limit, after=after, newest_first=True)

    def movements(self, sku: str, limit: int, after: Mapping[str, Any] | None) -> Page:
        return self._rows.query(f"movements#{sku}", limit=limit, after=after, newest_first=True)

    def beside(self, event: AnyStockEvent, before: Stock) -> list[Write]:
        """What changes with an event, on condition that it can: `before` is what was decided on."""
        match event:
            case StockAdjusted() if event.places:
                return [self._shift(event.sku, event.warehouse_id, place) for place in event.places]
            case StockAdjusted():
                return [self._adjusted(event, before)]
            case StockShifted():
                return [self._shift(event.sku, event.warehouse_id, place) for place in event.places]
            case StockSpread():
                return [self._mark(event.sku, event.shards, max(event.shards, before.shards))]
            case StockGathered():
                return [self._mark(event.sku, 0, before.shards)]
            case _:
                return []

    def _adjusted(self, event: StockAdjusted, before: Stock) -> Write:
        """Only on what was decided on: the event says what stands there after it."""
        row = {"pk": _key(event.sku, None), "sk": event.warehouse_id, "available": event.available}
        row |= {"on_hand": event.on_hand, "reserved": event.reserved}
        stood = [level for level in before.levels if level.warehouse_id == event.warehouse_id]
        if not stood:
            return put(self._rows.table, row, _outrun(), MISSING)
        same = "#on_hand = :on_hand AND #reserved = :reserved"
        return put(self._rows.table, row, _outrun(), same, on_hand=stood[0].on_hand, reserved=stood[0].reserved)

    def _shift(self, sku: str, warehouse_id: str, place: PlaceDelta) -> Write:
        part = Allocation(warehouse_id=warehouse_id, quantity=abs(place.delta), shard=place.shard)
        if place.delta < 0:
            change = "SET #on_hand = #on_hand - :quantity, #available = #available - :quantity"
            return self._change(sku, part, change, "#available >= :quantity", _outrun())
        kept = "#reserved = if_not_exists(#reserved, :none)"
        more = ", ".join(f"#{name} = if_not_exists(#{name}, :none) + :quantity" for name in ("on_hand", "available"))
        return self._change(sku, part, f"SET {kept}, {more}", "", _outrun(), none=0)

    def _mark(self, sku: str, spread: int, shards: int) -> Write:
        row = {"pk": _key(sku, None), "sk": SPREAD, "spread": spread, "shards": shards}
        return put(self._rows.table, row, _outrun())

    def movement(self, row: Row) -> Write:
        return put(self._rows.table, row, _outrun())

    def record(self, movements: Sequence[Row]) -> None:
        """The same movement twice is the same row."""
        self._rows.put_all({(row["pk"], row["sk"]): row for row in movements}.values())

    def next_head(self, head: Row, events: Sequence[AnyStockEvent]) -> Write:
        """Unconditional: the stream lets one commit through per version."""
        row = {**head, "version": head["version"] + len(events)}
        for event in events:
            if isinstance(event, AvailabilityChanged):
                row = {name: value for name, value in row.items() if not name.startswith("gsi1")}
                row["availability"] = event.availability
                if event.availability != "in_stock":
                    row |= {"gsi1pk": LOW, "gsi1sk": f"{event.availability}#{event.sku}"}
        return put(self._rows.table, row, _outrun())

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

    def _change(
        self, sku: str, part: Allocation, change: str, condition: str, otherwise: Conflict, **values: int
    ) -> Write:
        key = {"pk": _key(sku, part.shard), "sk": part.warehouse_id}
        return update(self._rows.table, key, change, otherwise, condition, quantity=part.quantity, **values)


def _key(sku: str, shard: int | None) -> str:
    return f"stock#{sku}" if shard is None else f"stock#{sku}#{shard}"


def _level(row: Row, shard: int | None) -> Level:
    return Level(warehouse_id=row["sk"], on_hand=row["on_hand"], reserved=row["reserved"], shard=shard)


def _outrun() -> ConcurrentWrite:
    return ConcurrentWrite("The stock has just changed. Try again.")


def _disagree(sku: str) -> BooksDisagree:
    return BooksDisagree(f"The books of {sku} do not agree.")
