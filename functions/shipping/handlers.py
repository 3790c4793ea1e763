"""Lambda's entry points of the shipping domain: translate, hand over, answer. No rules here."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from common.domain.errors import NotFound
from common.domain.message import Origin
from common.entrypoint.authentication import CUSTOMER, PUBLIC, STAFF, Caller, SignedIn, anonymous
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.consumer import consumer_handler
from common.entrypoint.fields import Nothing
from common.entrypoint.http import SentAs, http_app, http_handler, raw_body
from common.entrypoint.idempotency import IdempotencyKey, Keyed, derived_id, once
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.entrypoint.relay import relay_handler, republisher_handler
from common.entrypoint.saga import saga_tasks
from common.entrypoint.sweeper import sweeper_handler
from shipping.bootstrap import carrier_keys, cursors, event_bus, outbox, records, shipments
from shipping.commands import SHIPPING_TASKS, CancelShipment, consignment_with
from shipping.decider import Shipment
from shipping.events import ShippedItem
from shipping.hearing import hear
from shipping.queries import ShipmentView, ShippingOption
from shipping.use_cases import dispatch, find, of_order, options, settle_doubts, split, track
from shipping.webhook import Notice, read, verify

app = http_app()

ShipmentId = Annotated[str, Path(max_length=100)]
RawBody = Annotated[bytes, Depends(raw_body), SentAs("application/json", Notice)]
Signature = Annotated[str, Header(alias="x-hmac-signature")]
Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Quantity = Annotated[int, Field(strict=True, ge=1, le=1000)]
Line = Annotated[str | None, Field(max_length=200)]


class QuotedAddress(BaseModel):
    """The country decides; the rest may be sent as it stands in the order."""

    model_config = ConfigDict(extra="forbid")
    name: Line = None
    line1: Line = None
    line2: Line = None
    city: Line = None
    postal_code: Line = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]


class QuotedItem(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sku: Sku
    quantity: Quantity


class ShippingQuoteRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    address: QuotedAddress
    items: Annotated[list[QuotedItem], Field(min_length=1, max_length=50)]


class ShippingOptions(BaseModel):
    options: list[ShippingOption]


class SplitItem(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sku: Sku
    quantity: Quantity


class SplitRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    items: Annotated[list[SplitItem], Field(min_length=1, max_length=50)]

    @field_validator("items")
    @classmethod
    def name_each_sku_once(cls, items: list[SplitItem]) -> list[SplitItem]:
        if len({item.sku for item in items}) < len(items):
            raise ValueError("a SKU may be named once")
        return items


class Received(BaseModel):
    received: bool = True


@app.post("/shipping/quotes", security=PUBLIC)
def quote(body: ShippingQuoteRequest) -> ShippingOptions:
    """What is quoted is what an order of these things would cost to send, in the currency that they are sold in."""
    items = [ShippedItem(sku=item.sku, quantity=item.quantity) for item in body.items]
    return ShippingOptions(options=options(body.address.country, items))


@app.get("/shipments", security=CUSTOMER)
def list_shipments(
    order_id: Annotated[str, Query(max_length=64)],
    caller: SignedIn,
    query: ThisQuery,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listed[ShipmentView]:
    """All that is sent for an order, as it stands now. They are never reordered, so a cursor is a position."""
    start = (cursors().open(cursor, query) or {"from": 0})["from"] if cursor else 0
    shipments = [shipment for shipment in of_order(order_id) if caller.may_see(shipment.created.customer_id)]
    end = start + limit
    following = cursors().seal({"from": end}, query) if end < len(shipments) else None
    return Listed(items=[_seen_by(caller, shipment) for shipment in shipments[start:end]], next_cursor=following)


@app.get("/shipments/<id>", security=CUSTOMER)
def get_shipment(id: ShipmentId, caller: SignedIn) -> ShipmentView:
    return _seen_by(caller, find(id))


@app.post("/shipments/<id>/dispatch", security=STAFF)
def post_dispatch(
    id: ShipmentId,
    body: Nothing,
    key: IdempotencyKey,
    keyed: Keyed,
    caller: SignedIn,
    at: ReceivedAt,
) -> Response[ShipmentView]:
    """Buys the label. When the carrier's service does not answer, the same request again goes on where it stopped."""
    return once(records(), keyed, ShipmentView, partial(dispatch, id, at, caller.origin))


@app.post("/shipments/<id>/split", status_code=HTTPStatus.CREATED, security=STAFF)
def post_split(
    id: ShipmentId, body: SplitRequest, key: IdempotencyKey, keyed: Keyed, caller: SignedIn, at: ReceivedAt
) -> Response[ShipmentView]:
    """Part of the items shall leave first, or later: they go by themselves, as the shipment that is answered."""
    split_id = derived_id(consignment_with(id), caller.sub, keyed.route, key)
    items = [ShippedItem(sku=item.sku, quantity=item.quantity) for item in body.items]
    return once(records(), keyed, ShipmentView, partial(split, id, split_id, items, at, caller.origin))


@app.post("/shipping/webhooks/easypost", security=PUBLIC)
def hear_easypost(body: RawBody, at: ReceivedAt, signature: Signature = "") -> Received:
    """News of parcels, signed by EasyPost. What is no news or not about a parcel of ours is received, and changes
    nothing."""
    verify(carrier_keys()["webhook_secret"], body, signature)
    event_id, tracker = read(body)
    if tracker:
        track(tracker, at, anonymous("easypost").model_copy(update={"causation_id": event_id}))
    return Received()


def _seen_by(caller: Caller, shipment: Shipment) -> ShipmentView:
    if not caller.may_see(shipment.created.customer_id):
        raise NotFound("There is no such shipment.")
    return ShipmentView.of(shipment, for_staff=caller.is_staff)


api = http_handler(app)
consumer = consumer_handler(hear)
sweeper = sweeper_handler("shipping.sweeper", settle_doubts)
relay = relay_handler("shipping", event_bus)
republisher = republisher_handler("shipping", outbox, event_bus)


@saga_tasks(SHIPPING_TASKS)
def tasks(command: CancelShipment, origin: Origin) -> dict[str, Any]:
    shipments().handle(command.shipment_id, command, origin)
    return {"shipment_id": command.shipment_id}
