"""What has happened to the stock of a SKU. Stored for ever: add fields with defaults, rename nothing."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.domain.message import Event
from inventory.stock.levels import Availability


class StockAdjusted(Event):
    """Somebody counted, received or lost goods. The figures are those of the warehouse after it."""

    type: Literal["StockAdjusted"] = "StockAdjusted"
    sku: str
    warehouse_id: str
    delta: int
    reason: str
    on_hand: int
    reserved: int
    available: int


class AvailabilityChanged(Event):
    """Customers are told another word, over all warehouses."""

    type: Literal["AvailabilityChanged"] = "AvailabilityChanged"
    sku: str
    availability: Availability


AnyStockEvent = StockAdjusted | AvailabilityChanged
STOCK_EVENTS: TypeAdapter[AnyStockEvent] = TypeAdapter(Annotated[AnyStockEvent, Field(discriminator="type")])
