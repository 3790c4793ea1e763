"""Lambda's entry points of the inventory domain: translate, hand over, answer. No rules here."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from common.domain.errors import NotFound
from common.domain.message import Origin
from common.entrypoint.authentication import PUBLIC, STAFF, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.consumer import batch_handler
from common.entrypoint.fields import Text
from common.entrypoint.http import http_app, http_handler
from common.entrypoint.idempotency import IdempotencyKey, Keyed, Remember, answer, once
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.entrypoint.relay import relay_handler, republisher_handler
from common.entrypoint.saga import saga_tasks
from common.entrypoint.sweeper import sweeper_handler
from common.infrastructure.idempotency import Answer
from inventory.bootstrap import cursors, event_bus, outbox, records, stock, thresholds
from inventory.hearing import hear_all
from inventory.reservation.commands import INVENTORY_TASKS, InventoryTask
from inventory.stock.commands import AdjustStock, GatherStock, SpreadStock
from inventory.stock.events import StockAdjusted
from inventory.stock.levels import Sku, Stock
from inventory.stock.words import word
from inventory.use_cases import adjust_stock, change, spread_or_gather, sweep

SHOWN = 10  # who may buy, need not know how much there is beyond this
MAX_DELTA = 1_000_000
MAX_SHARDS = 32

app = http_app()

SkuPath = Annotated[Sku, Path()]


class SkuAvailability(BaseModel):
    sku: str
    available: int


class Availabilities(BaseModel):
    items: list[SkuAvailability]


class WarehouseStock(BaseModel):
    warehouse_id: str
    on_hand: int
    reserved: int


class HotSku(BaseModel):
    model_config = ConfigDict(extra="forbid")
    shards: Annotated[int, Field(strict=True, ge=2, le=MAX_SHARDS)] = 8


class SkuStock(BaseModel):
    sku: str
    on_hand: int
    reserved: int
    available: int
    warehouses: list[WarehouseStock]
    hot: HotSku | None

    @classmethod
    def of(cls, sku: str, stock: Stock) -> "SkuStock":
        return cls(
            sku=sku,
            on_hand=sum(level.on_hand for level in stock.levels),
            reserved=sum(level.reserved for level in stock.levels),
            available=stock.available,
            warehouses=[WarehouseStock(**level.model_dump(exclude={"shard"})) for level in stock.warehouses],
            hot=HotSku(shards=stock.spread) if stock.spread else None,
        )


class AdjustmentRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    warehouse_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", examples=["main"])]
    delta: Annotated[int, Field(strict=True, ge=-MAX_DELTA, le=MAX_DELTA)]
    reason: Text

    @field_validator("delta")
    @classmethod
    def move_something(cls, delta: int) -> int:
        if delta == 0:
            raise ValueError("an adjustment changes something")
        return delta


class StockAdjustment(BaseModel):
    """The figures are those of the warehouse after it."""

    sku: str
    warehouse_id: str
    delta: int
    reason: str
    on_hand: int
    reserved: int
    available: int
    at: AwareDatetime


class StockMovement(BaseModel):
    sku: str
    warehouse_id: str
    delta: int
    kind: Literal["adjustment", "sale", "return"]
    reason: str | None = None
    order_id: str | None = None
    at: AwareDatetime


@app.get("/inventory/availability", security=PUBLIC)
def get_availability(sku: Annotated[list[Sku], Query(min_length=1, max_length=50)]) -> Availabilities:
    """Ten means ten or more."""
    shown = {each: min(stock().everywhere(each).available, SHOWN) for each in dict.fromkeys(sku)}
    return Availabilities(items=[SkuAvailability(sku=each, available=some) for each, some in shown.items()])


@app.get("/inventory/stock/<sku>", security=STAFF)
def get_stock(sku: SkuPath) -> SkuStock:
    found = stock().everywhere(sku)
    if not found.levels:
        raise NotFound("There has never been stock of this SKU.")
    return SkuStock.of(sku, found)


@app.put("/inventory/stock/<sku>/hot", security=STAFF)
def put_hot(sku: SkuPath, body: HotSku, caller: SignedIn, at: ReceivedAt) -> SkuStock:
    """More want it at once than one row can serve: count it in shards."""
    spread_or_gather(SpreadStock(sku=sku, shards=body.shards, at=at), caller.origin)
    return get_stock(sku)


@app.delete("/inventory/stock/<sku>/hot", status_code=HTTPStatus.NO_CONTENT, security=STAFF)
def delete_hot(sku: SkuPath, caller: SignedIn, at: ReceivedAt) -> Response[None]:
    spread_or_gather(GatherStock(sku=sku, at=at), caller.origin)
    return Response(HTTPStatus.NO_CONTENT)


@app.post("/inventory/stock/<sku>/adjustments", status_code=HTTPStatus.CREATED, security=STAFF)
def post_adjustment(
    sku: SkuPath, body: AdjustmentRequest, key: IdempotencyKey, keyed: Keyed, caller: SignedIn, at: ReceivedAt
) -> Response[StockAdjustment]:
    command = AdjustStock(sku=sku, **body.model_dump(), at=at)

    def told(event: StockAdjusted) -> Answer:
        return answer(HTTPStatus.CREATED, StockAdjustment.model_validate(event.model_dump()))

    def use_case(remember: Remember) -> Answer:
        return told(adjust_stock(command, caller.origin, lambda event: [remember(told(event))]))

    return once(records(), keyed, StockAdjustment, use_case)


@app.get("/inventory/stock/<sku>/movements", security=STAFF)
def list_movements(sku: SkuPath, query: ThisQuery, limit: Limit = 20, cursor: Cursor = None) -> Listed[StockMovement]:
    page = stock().movements(sku, limit, cursors().open(cursor, query))
    items = [StockMovement.model_validate(row) for row in page.rows]
    return Listed(items=items, next_cursor=cursors().seal(page.after, query))


@app.get("/inventory/low-stock", security=STAFF)
def list_low_stock(query: ThisQuery, limit: Limit = 20, cursor: Cursor = None) -> Listed[SkuStock]:
    """What is out, then what is low: found by what was last announced, shown as it is now."""
    page = stock().low(limit, cursors().open(cursor, query))
    found = [(row, SkuStock.of(row["sku"], stock().everywhere(row["sku"]))) for row in page.rows]
    low = [each for row, each in found if word(each.available, row["availability"], thresholds()) != "in_stock"]
    return Listed(items=low, next_cursor=cursors().seal(page.after, query))


api = http_handler(app)
consumer = batch_handler(hear_all)
sweeper = sweeper_handler("inventory.sweeper", sweep)
relay = relay_handler("inventory", event_bus)
republisher = republisher_handler("inventory", outbox, event_bus)


@saga_tasks(INVENTORY_TASKS)
def tasks(command: InventoryTask, origin: Origin) -> dict[str, Any]:
    return {"reservation_id": change(command, origin)}
