"""Lambda's entry points of the order domain: translate, hand over, answer. No rules here."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from common.domain.errors import NotFound
from common.domain.message import Origin
from common.domain.money import Money
from common.entrypoint.authentication import CUSTOMER, PUBLIC, Caller, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.consumer import consumer_handler
from common.entrypoint.http import http_app, http_handler
from common.entrypoint.idempotency import (
    REPLAYED,
    IdempotencyKey,
    Keyed,
    Remember,
    answer,
    derived_id,
    fingerprint,
    once,
)
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.entrypoint.relay import relay_handler, republisher_handler
from common.entrypoint.saga import saga_tasks
from common.entrypoint.sweeper import sweeper_handler
from common.infrastructure.idempotency import Answer
from common.infrastructure.transaction import Write
from order.bootstrap import cursors, event_bus, facts, index, orders, outbox, prices, records, streams
from order.commands import (
    ORDER_TASKS,
    CancelOrderRequest,
    OrderTask,
    PlaceOrder,
    Price,
    RequestedItem,
    ShippingMethod,
)
from order.decider import Order, Status
from order.events import Address, AnyOrderEvent, Priced
from order.hearing import hear, sweep
from order.pricing import HOME, price
from order.queries import OrderView, TimelineEntry, in_order

app = http_app()

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
OrderId = Annotated[str, Path(max_length=64)]


class OrderAddress(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Text
    line1: Text
    line2: Text | None = None
    city: Text
    postal_code: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]{0,15}$")]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]


class OrderContents(BaseModel):
    model_config = ConfigDict(extra="forbid")
    items: Annotated[list[RequestedItem], Field(min_length=1, max_length=50)]
    coupon: Annotated[str | None, Field(max_length=64)] = None

    @field_validator("items")
    @classmethod
    def name_each_sku_once(cls, items: list[RequestedItem]) -> list[RequestedItem]:
        if len({item.sku for item in items}) < len(items):
            raise ValueError("a SKU may be named once")
        return items

    @field_validator("coupon")
    @classmethod
    def no_coupon_is_out(cls, coupon: str | None) -> str | None:
        if coupon is not None:
            raise ValueError("there is no such coupon")
        return coupon


class OrderRequest(OrderContents):
    shipping_address: OrderAddress
    shipping_method: ShippingMethod
    payment_method: Annotated[str, Field(pattern=r"^pm_\w{1,100}$")]
    expected_total: Money | None = None


class QuoteRequest(OrderContents):
    shipping_address: OrderAddress | None = None
    shipping_method: ShippingMethod = "standard"


class CancelRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: Text | None = None


@app.post("/orders/quote", security=PUBLIC)
def quote(body: QuoteRequest) -> Priced:
    country = body.shipping_address.country if body.shipping_address else HOME
    return price(body.items, _known(body.items), body.shipping_method, country)


@app.post("/orders", status_code=HTTPStatus.ACCEPTED, security=CUSTOMER)
def place_order(body: OrderRequest, key: IdempotencyKey, caller: SignedIn, at: ReceivedAt) -> Response[OrderView]:
    command = PlaceOrder(
        order_id=derived_id("ord", caller.sub, "POST /orders", key),
        customer_id=caller.sub,
        items=tuple(body.items),
        prices=_known(body.items),
        shipping_address=Address(**body.shipping_address.model_dump()),
        shipping_method=body.shipping_method,
        payment_method=body.payment_method,
        expected_total=body.expected_total,
        fingerprint=fingerprint(body),
        at=at,
    )
    order, events, version = orders().handle(command.order_id, command, caller.origin)
    headers: dict[str, str | list[str]] = {"Location": f"/orders/{command.order_id}"}
    if not events:  # a repeat gets the first answer, whatever has become of the order since
        order, version = orders().state(command.order_id, version=1), 1
        headers |= REPLAYED
    assert order, "it has just been placed"
    return Response(HTTPStatus.ACCEPTED, "application/json", OrderView.of(order, version), headers)


@app.get("/orders", security=CUSTOMER)
def list_orders(
    caller: SignedIn,
    query: ThisQuery,
    status: Annotated[Status | Literal["returned"] | None, Query()] = None,
    customer_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listed[OrderView]:
    whose = customer_id if caller.is_staff else caller.sub
    if customer_id not in (None, whose):
        return Listed(items=[], next_cursor=None)  # as for one who has no orders
    page = index().page(whose, status, limit, cursors().open(cursor, query))
    return Listed(
        items=[_view(row["order_id"], caller) for row in page.rows], next_cursor=cursors().seal(page.after, query)
    )


@app.get("/orders/<order_id>", security=CUSTOMER)
def get_order(order_id: OrderId, caller: SignedIn) -> OrderView:
    return _view(order_id, caller)


@app.get("/orders/<order_id>/timeline", security=CUSTOMER)
def get_timeline(order_id: OrderId, caller: SignedIn) -> Listed[TimelineEntry]:
    own = streams().messages(order_id, "order")
    if not own or not caller.may_see(own[0].data["customer_id"]):
        raise NotFound("There is no such order.")
    return Listed(items=[TimelineEntry.of(m) for m in in_order([*own, *facts().of(order_id)])], next_cursor=None)


@app.post("/orders/<order_id>/cancel", status_code=HTTPStatus.ACCEPTED, security=CUSTOMER)
def cancel_order(
    order_id: OrderId, body: CancelRequest, key: IdempotencyKey, keyed: Keyed, caller: SignedIn, at: ReceivedAt
) -> Response[str]:
    def use_case(remember: Remember) -> Answer:
        _view(order_id, caller)  # refuses what is not theirs
        command = CancelOrderRequest(order_id=order_id, reason=body.reason, at=at)
        known, given = facts().of(order_id), list[Answer]()

        def remembered(order: Order | None, events: Sequence[AnyOrderEvent], version: int) -> Sequence[Write]:
            assert order, "it was found"
            given.append(answer(HTTPStatus.ACCEPTED, OrderView.of(order, version, known)))
            return [remember(given[-1])]

        order, events, version = orders().handle(order_id, command, caller.origin, also=remembered)
        if not events:
            assert order, "it was found"
            return answer(HTTPStatus.ACCEPTED, OrderView.of(order, version, known))
        return given[-1]

    return once(records(), keyed, use_case)


def _view(order_id: str, caller: Caller) -> OrderView:
    order, _, version = orders().version(order_id)
    if order is None or not caller.may_see(order.placed.customer_id):
        raise NotFound("There is no such order.")
    return OrderView.of(order, version, facts().of(order_id))


def _known(items: list[RequestedItem]) -> Mapping[str, Price]:
    return prices().of(item.sku for item in items)


api = http_handler(app)
consumer = consumer_handler(hear)
sweeper = sweeper_handler("order.sweeper", sweep)
relay = relay_handler("order", event_bus)
republisher = republisher_handler("order", outbox, event_bus)


@saga_tasks(ORDER_TASKS)
def tasks(command: OrderTask, origin: Origin) -> dict[str, str]:
    order = orders().handle(command.order_id, command, origin).state
    return {"order_id": command.order_id, "status": order.status if order else "none"}
