"""How much there is, and which warehouses an order line is taken from. Pure."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Availability = Literal["in_stock", "low", "out"]


class Level(BaseModel):
    """What stands in one warehouse. 0 <= reserved <= on_hand, always; the difference is available."""

    model_config = ConfigDict(frozen=True)
    warehouse_id: str
    on_hand: int
    reserved: int

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class Allocation(BaseModel):
    """So many of a line, from this warehouse."""

    model_config = ConfigDict(frozen=True)
    warehouse_id: str
    quantity: int


class ReservedItem(BaseModel):
    """An order line, and where it is taken from."""

    model_config = ConfigDict(frozen=True)
    sku: str
    quantity: int
    allocations: tuple[Allocation, ...]


def parts(items: Iterable[ReservedItem]) -> Iterable[tuple[str, Allocation]]:
    """SKU and allocation, one by one."""
    return ((item.sku, part) for item in items for part in item.allocations)


def allocate(quantity: int, levels: Iterable[Level]) -> tuple[Allocation, ...]:
    """Take it from as few warehouses as can be: the fullest first, and of two alike the one whose id sorts first.

    One warehouse that has enough is therefore taken alone. Less than `quantity` comes back when there is not enough.
    """
    taken: list[Allocation] = []
    for level in sorted(levels, key=lambda level: (-level.available, level.warehouse_id)):
        if quantity <= 0 or level.available <= 0:
            break
        taken.append(Allocation(warehouse_id=level.warehouse_id, quantity=min(quantity, level.available)))
        quantity -= taken[-1].quantity
    return tuple(taken)


def available(levels: Sequence[Level]) -> int:
    return sum(level.available for level in levels)


def word(available: int, low: int) -> Availability:
    """What customers are told: `low` is the most that still counts as low."""
    if available > low:
        return "in_stock"
    return "low" if available > 0 else "out"
