"""What may be asked of a reservation. An order has one, whose id derives from the order's."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

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


def _each_sku_once(items: tuple[WantedItem, ...]) -> tuple[WantedItem, ...]:
    if len({item.sku for item in items}) < len(items):
        raise ValueError("a SKU may be named once")
    return items


WantedItems = Annotated[tuple[WantedItem, ...], Field(min_length=1, max_length=50), AfterValidator(_each_sku_once)]


class ReserveStock(ReservationCommand):
    """`levels` is what stands where, as it was read just before; the transaction makes sure that it still does."""

    type: Literal["ReserveStock"] = "ReserveStock"
    items: WantedItems
    levels: dict[str, tuple[Level, ...]] = Field(default_factory=dict)


class ExtendReservation(ReservationCommand):
    """The customer must act, and has until then."""

    until: AwareDatetime


class HoldStock(ReservationCommand):
    type: Literal["HoldStock"] = "HoldStock"


class ReleaseStock(ReservationCommand):
    type: Literal["ReleaseStock"] = "ReleaseStock"
    reason: str = "order_ended"


class CommitStock(ReservationCommand):
    """A parcel leaves, once per `shipment_id`. Without `items`, it takes all that is still kept."""

    type: Literal["CommitStock"] = "CommitStock"
    shipment_id: str | None = None
    items: WantedItems | None = None


class RestockReturn(ReservationCommand):
    """Goods that had left are on hand again, where they were taken from; once per `return_id`."""

    type: Literal["RestockReturn"] = "RestockReturn"
    return_id: str
    items: WantedItems


class ExpireReservation(ReservationCommand):
    """Its time is over, says the sweeper."""


InventoryTask = ReserveStock | HoldStock | ReleaseStock | CommitStock | RestockReturn
INVENTORY_TASKS: TypeAdapter[InventoryTask] = TypeAdapter(Annotated[InventoryTask, Field(discriminator="type")])
AnyReservationCommand = InventoryTask | ExtendReservation | ExpireReservation
