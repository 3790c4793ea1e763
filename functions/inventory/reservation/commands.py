"""What may be asked of a reservation. An order has one, whose id derives from the order's."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from common.domain.message import Command
from inventory.stock.levels import Level


class WantedItem(BaseModel):
    """An order's line; what else an order says about it is not for us."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    sku: str
    quantity: Annotated[int, Field(ge=1)]


class ReservationCommand(Command):
    order_id: str

    @property
    def reservation_id(self) -> str:
        return f"rsv_{self.order_id.removeprefix('ord_')}"


class ReserveStock(ReservationCommand):
    """`levels` is what stands where, as it was read just before; the transaction makes sure that it still does."""

    type: Literal["ReserveStock"] = "ReserveStock"
    items: Annotated[tuple[WantedItem, ...], Field(min_length=1, max_length=50)]
    levels: dict[str, tuple[Level, ...]] = Field(default_factory=dict)

    @field_validator("items")
    @classmethod
    def name_each_sku_once(cls, items: tuple[WantedItem, ...]) -> tuple[WantedItem, ...]:
        if len({item.sku for item in items}) < len(items):
            raise ValueError("a SKU may be named once")
        return items


class HoldStock(ReservationCommand):
    type: Literal["HoldStock"] = "HoldStock"


class ReleaseStock(ReservationCommand):
    type: Literal["ReleaseStock"] = "ReleaseStock"
    reason: str = "order_ended"


class CommitStock(ReservationCommand):
    type: Literal["CommitStock"] = "CommitStock"


class ExpireReservation(ReservationCommand):
    """Its time is over, says the sweeper."""


InventoryTask = ReserveStock | HoldStock | ReleaseStock | CommitStock
INVENTORY_TASKS: TypeAdapter[InventoryTask] = TypeAdapter(Annotated[InventoryTask, Field(discriminator="type")])
AnyReservationCommand = InventoryTask | ExpireReservation
