"""Parts of a reservation: some of its goods leave, the rest stays; some of what left comes back. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from inventory.reservation.commands import WantedItem
from inventory.stock.levels import Allocation, ReservedItem, parts

Items = tuple[ReservedItem, ...]


class Place(NamedTuple):
    sku: str
    warehouse_id: str
    shard: int | None


def portion(items: Items, wanted: Iterable[WantedItem]) -> Items:
    """So much of `items`, from the places that are named first. Less comes back when there is less."""
    there, taken = _counted(items), Counter[Place]()
    for line in wanted:
        missing = line.quantity
        for place in [place for place in there if place.sku == line.sku]:
            taken[place] = min(missing, there[place])
            missing -= taken[place]
    return _listed(taken)


def lacking(wanted: Iterable[WantedItem], items: Items) -> list[str]:
    """The SKUs of which `items` has less than is wanted."""
    there = {item.sku: item.quantity for item in items}
    return [line.sku for line in wanted if there.get(line.sku, 0) < line.quantity]


def without(items: Items, gone: Items) -> Items:
    return _listed(_counted(items) - _counted(gone))


def together(items: Items, more: Items) -> Items:
    return _listed(_counted(items) + _counted(more))


def _counted(items: Items) -> Counter[Place]:
    return Counter({Place(sku, part.warehouse_id, part.shard): part.quantity for sku, part in parts(items)})


def _listed(counted: Mapping[Place, int]) -> Items:
    lines: dict[str, list[Allocation]] = {}
    for (sku, warehouse_id, shard), quantity in counted.items():
        if quantity:
            part = Allocation(warehouse_id=warehouse_id, quantity=quantity, shard=shard)
            lines.setdefault(sku, []).append(part)
    return tuple(
        ReservedItem(sku=sku, quantity=sum(part.quantity for part in taken), allocations=tuple(taken))
        for sku, taken in lines.items()
    )
