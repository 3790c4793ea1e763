"""What has happened to the stock of a SKU. Stored for ever: add fields with defaults, rename nothing."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from common.domain.message import Event
from inventory.stock.words import Availability


class PlaceDelta(BaseModel):
    """What a change means for one place in a warehouse."""

    model_config = ConfigDict(frozen=True)
    shard: int | None = None
    delta: int


class StockEvent(Event):
    sku: str


class StockAdjusted(StockEvent):
    """Somebody counted, received or lost goods.

    The figures are those of the warehouse after it; of a hot SKU, whose shards move while they are read, as read.
    """

    type: Literal["StockAdjusted"] = "StockAdjusted"
    warehouse_id: str
    delta: int
    reason: str
    on_hand: int
    reserved: int
    available: int
    places: tuple[PlaceDelta, ...] = ()  # that it falls on; none means the warehouse's own


class StockSpread(StockEvent):
    """It is hot, and counted in so many shards per warehouse."""

    type: Literal["StockSpread"] = "StockSpread"
    shards: int


class StockGathered(StockEvent):
    """It is not hot any more."""

    type: Literal["StockGathered"] = "StockGathered"


class StockShifted(StockEvent):
    """From one place to another of the same warehouse, in the books only. The deltas sum to zero."""

    type: Literal["StockShifted"] = "StockShifted"
    warehouse_id: str
    places: tuple[PlaceDelta, ...]


class AvailabilityChanged(StockEvent):
    """Customers are told another word, over all warehouses."""

    type: Literal["AvailabilityChanged"] = "AvailabilityChanged"
    availability: Availability


class StockRanLow(StockEvent):
    """Somebody should order more. Told once, until there is plenty again."""

    type: Literal["StockRanLow"] = "StockRanLow"
    available: int
    threshold: int


class StockRecovered(StockEvent):
    """There is plenty again of what had run low."""

    type: Literal["StockRecovered"] = "StockRecovered"
    available: int


AnyStockEvent = (
    StockAdjusted | StockSpread | StockGathered | StockShifted | AvailabilityChanged | StockRanLow | StockRecovered
)
STOCK_EVENTS: TypeAdapter[AnyStockEvent] = TypeAdapter(Annotated[AnyStockEvent, Field(discriminator="type")])
