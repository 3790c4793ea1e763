"""Which places an order is taken from. Pure.

**The rule.** From as few warehouses as can serve all lines together, so that as few parcels as can be leave. Of
several such sets the one that has most of what is wanted, and of those alike the one whose ids sort first. Within it
each line comes from as few warehouses as can be, and there from as few places, the fullest first.

To find the smallest set is to try them all (it is set cover, which is NP-hard), so that is done while there are at
most MAX_TRIED of them, enough for three of twenty warehouses. Beyond it the warehouse that has most of what is still
missing is added until nothing is: never wrong, and sometimes one parcel more than needed.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb

from inventory.stock.levels import Allocation, Level

MAX_TRIED = 2_000

Wanted = Mapping[str, int]  # by SKU
Levels = Mapping[str, Sequence[Level]]
There = Mapping[str, Mapping[str, int]]  # by SKU and warehouse, what is available


def short_of(wanted: Wanted, levels: Levels) -> list[str]:
    """The SKUs of which there is not enough."""
    return [sku for sku, quantity in wanted.items() if sum(_free(each) for each in levels.get(sku, ())) < quantity]


def allocate(wanted: Wanted, levels: Levels) -> dict[str, tuple[Allocation, ...]]:
    """By SKU. There must be enough of each."""
    there = {sku: _by_warehouse(levels[sku]) for sku in wanted}
    chosen = _warehouses(wanted, there)
    return {
        sku: _take(quantity, [level for level in levels[sku] if level.warehouse_id in chosen], there[sku])
        for sku, quantity in wanted.items()
    }


def _free(level: Level) -> int:
    return max(level.available, 0)


def _by_warehouse(levels: Sequence[Level]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for level in levels:
        sums[level.warehouse_id] = sums.get(level.warehouse_id, 0) + _free(level)
    return sums


def _warehouses(wanted: Wanted, there: There) -> Sequence[str]:
    candidates = sorted({warehouse for sums in there.values() for warehouse, free in sums.items() if free})
    tried = 0
    for size in range(_at_least(wanted, there), len(candidates) + 1):
        tried += comb(len(candidates), size)
        if tried > MAX_TRIED:
            return _gathered(wanted, there, candidates)
        if fitting := [some for some in combinations(candidates, size) if _serve(some, wanted, there)]:
            return max(fitting, key=lambda some: sum(sums.get(each, 0) for sums in there.values() for each in some))
    return candidates


def _at_least(wanted: Wanted, there: There) -> int:
    """So many warehouses are needed for the line that needs most."""
    return max(_needed(quantity, sorted(there[sku].values(), reverse=True)) for sku, quantity in wanted.items())


def _needed(quantity: int, fullest_first: Sequence[int]) -> int:
    for number, free in enumerate(fullest_first, start=1):
        quantity -= free
        if quantity <= 0:
            return number
    return len(fullest_first)


def _serve(some: Sequence[str], wanted: Wanted, there: There) -> bool:
    return all(sum(there[sku].get(each, 0) for each in some) >= quantity for sku, quantity in wanted.items())


def _gathered(wanted: Wanted, there: There, candidates: Sequence[str]) -> list[str]:
    missing, chosen = dict(wanted), list[str]()
    while any(missing.values()):
        best = max(
            (each for each in candidates if each not in chosen),
            key=lambda each: sum(min(missing[sku], there[sku].get(each, 0)) for sku in missing),
        )
        chosen.append(best)
        missing = {sku: left - min(left, there[sku].get(best, 0)) for sku, left in missing.items()}
    return chosen


def _take(quantity: int, levels: Sequence[Level], sums: Mapping[str, int]) -> tuple[Allocation, ...]:
    """The fullest warehouse first, and in it the fullest place; of two alike, the first by id."""

    def fullest_first(level: Level) -> tuple[int, str, int, int]:
        shard = -1 if level.shard is None else level.shard
        return -sums[level.warehouse_id], level.warehouse_id, -level.available, shard

    taken: list[Allocation] = []
    for level in sorted(levels, key=fullest_first):
        if quantity <= 0:
            break
        if some := min(quantity, _free(level)):
            taken.append(Allocation(warehouse_id=level.warehouse_id, quantity=some, shard=level.shard))
            quantity -= some
    return tuple(taken)
