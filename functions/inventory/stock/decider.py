"""The rules of stock. It keeps state, a row per place, so what is decided on are the rows."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from common.domain.errors import Conflict, Invalid
from inventory.stock.commands import AdjustStock, GatherStock, SpreadStock
from inventory.stock.events import (
    AnyStockEvent,
    AvailabilityChanged,
    PlaceDelta,
    StockAdjusted,
    StockGathered,
    StockRanLow,
    StockRecovered,
    StockSpread,
)
from inventory.stock.levels import Level, Stock
from inventory.stock.words import Availability, Thresholds, word

MAX_ON_HAND = 10**9


class InsufficientStock(Conflict): ...


class TooMuchStock(Invalid): ...


def adjust(command: AdjustStock, stock: Stock) -> StockAdjusted:
    """Raise InsufficientStock when less would be left than nothing, or than orders have reserved."""
    there = stock.warehouse(command.warehouse_id)
    on_hand = there.on_hand + command.delta
    if on_hand < there.reserved:
        raise InsufficientStock("The warehouse has too little that is not reserved.", field="delta")
    if on_hand > MAX_ON_HAND:
        raise TooMuchStock(f"A warehouse holds at most {MAX_ON_HAND} of a SKU.", field="delta")
    return StockAdjusted(
        **command.model_dump(),
        on_hand=on_hand,
        reserved=there.reserved,
        available=on_hand - there.reserved,
        places=_places(command, stock) if stock.shards else (),
    )


def _places(command: AdjustStock, stock: Stock) -> tuple[PlaceDelta, ...]:
    """What comes is put into the warehouse's own place; what goes is taken there first, then where most is."""
    if command.delta > 0:
        return (PlaceDelta(delta=command.delta),)
    missing, places = -command.delta, list[PlaceDelta]()
    there = [level for level in stock.levels if level.warehouse_id == command.warehouse_id]
    for level in sorted(there, key=lambda level: (level.shard is not None, -level.available)):
        if some := min(missing, level.available):
            places.append(PlaceDelta(shard=level.shard, delta=-some))
            missing -= some
    return tuple(places)


def spread(command: SpreadStock, stock: Stock) -> list[AnyStockEvent]:
    return [] if stock.spread == command.shards else [StockSpread(**command.model_dump())]


def gather(command: GatherStock, stock: Stock) -> list[AnyStockEvent]:
    return [StockGathered(**command.model_dump())] if stock.spread else []


class Shift(NamedTuple):
    """So many units that nobody has reserved are to be counted in another place."""

    warehouse_id: str
    source: int | None
    target: int | None
    quantity: int


def misplaced(stock: Stock) -> list[Shift]:
    """What is not where it is looked for first: outside the shards of a hot SKU, or in those of one that is not.

    What is reserved stays where its reservation says.
    """
    return [
        shift
        for warehouse in stock.warehouses
        for shift in _misplaced(stock.spread, [x for x in stock.levels if x.warehouse_id == warehouse.warehouse_id])
    ]


def _misplaced(spread: int, places: list[Level]) -> Iterator[Shift]:
    warehouse_id, own = places[0].warehouse_id, 0
    shards = dict.fromkeys(range(spread), 0)
    for place in places:
        if place.shard is None:
            own = place.available
        elif place.shard < spread:
            shards[place.shard] = place.available
        elif place.available:
            yield Shift(warehouse_id, place.shard, None, place.available)
    for shard, quantity in _poured(own, shards).items():
        if quantity:
            yield Shift(warehouse_id, None, shard, quantity)


def _poured(quantity: int, shards: dict[int, int]) -> dict[int, int]:
    """Fill the emptiest first until all stand level, as water would: what each gets."""
    if not shards:
        return {}
    emptiest_first = sorted(shards, key=lambda shard: (shards[shard], shard))
    below = len(emptiest_first)
    while (
        below > 1
        and sum(shards[each] for each in emptiest_first[:below]) + quantity
        < below * (shards[emptiest_first[below - 1]])
    ):
        below -= 1  # the fullest of them stands above the water
    filled = emptiest_first[:below]
    height, rest = divmod(sum(shards[each] for each in filled) + quantity, below)
    return {shard: height + (n < rest) - shards[shard] for n, shard in enumerate(filled)}


def announce(
    sku: str, available: int, before: Availability | None, thresholds: Thresholds, at: datetime
) -> list[AnyStockEvent]:
    """Say how available it is, if that is another word than the last; and that it runs low, or no longer does."""
    now = word(available, before, thresholds)
    if now == before:
        return []
    told: list[AnyStockEvent] = [AvailabilityChanged(sku=sku, availability=now, at=at)]
    if now == "in_stock" and before is not None:
        told.append(StockRecovered(sku=sku, available=available, at=at))
    if now != "in_stock" and before in (None, "in_stock"):
        told.append(StockRanLow(sku=sku, available=available, threshold=thresholds.low, at=at))
    return told
