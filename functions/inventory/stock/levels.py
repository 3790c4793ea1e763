"""How much there is, and where. Pure values.

A place is one row of stock: a SKU in a warehouse. A hot SKU has more of them there, its shards (docs/decisions/0023).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class Level(BaseModel):
    """What stands in one place. 0 <= reserved <= on_hand, always; the difference is available."""

    model_config = ConfigDict(frozen=True)
    warehouse_id: str
    on_hand: int = 0
    reserved: int = 0
    shard: int | None = None  # None is the warehouse's own row

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class Allocation(BaseModel):
    """So many of a line, from this place."""

    model_config = ConfigDict(frozen=True)
    warehouse_id: str
    quantity: int
    shard: int | None = None


class ReservedItem(BaseModel):
    """An order line, and where it is taken from."""

    model_config = ConfigDict(frozen=True)
    sku: str
    quantity: int
    allocations: tuple[Allocation, ...]


@dataclass(frozen=True)
class Stock:
    """What stands where of one SKU."""

    levels: tuple[Level, ...]
    spread: int = 0  # shards per warehouse that its goods are spread over; 0 unless it is hot
    shards: int = 0  # shards per warehouse that may hold some of it: those of now, and those of once

    @property
    def available(self) -> int:
        return sum(level.available for level in self.levels)

    def warehouse(self, warehouse_id: str) -> Level:
        """The sum of its places there."""
        there = [level for level in self.levels if level.warehouse_id == warehouse_id]
        return Level(
            warehouse_id=warehouse_id,
            on_hand=sum(level.on_hand for level in there),
            reserved=sum(level.reserved for level in there),
        )

    @property
    def warehouses(self) -> list[Level]:
        return [self.warehouse(each) for each in sorted({level.warehouse_id for level in self.levels})]


def parts(items: Iterable[ReservedItem]) -> Iterable[tuple[str, Allocation]]:
    """SKU and allocation, one by one."""
    return ((item.sku, part) for item in items for part in item.allocations)
