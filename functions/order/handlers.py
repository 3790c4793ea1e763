"""Lambda's entry points of the order domain: translate, hand over, answer. No rules here."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from common.domain.errors import NotFound
from common.domain.message import Origin
from common.entrypoint.authentication import CUSTOMER, PUBLIC, STAFF, Caller, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.consumer import batch_handler
from common.entrypoint.http import http_app, http_handler
from common.entrypoint.idempotency import REPLAYED, IdempotencyKey, Keyed, derived_id, fingerprint
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.entrypoint.relay import relay_handler, republisher_handler
from common.entrypoint.saga import saga_tasks
from common.entrypoint.sweeper import sweeper_handler
from order import use_cases
from order.bootstrap import cursors, event_bus, facts, index, orders, outbox, person_keys, streams, waiting
from order.commands import (
    ORDER_TASKS,
    AnyOrderTask,
    CancelOrderRequest,
    ChargeShipment,
    CompensateOrder,
    PlaceOrder,
    RetryOrder,
    SettleOrder,
)
from order.events import Address, Priced
from order.facts import Told, in_order, page
from order.fulfilment import charge_of
from order.hearing import hear_all, sweep
from order.requests import CancelRequest, OperatorRequest, OrderRequest, QuoteRequest
from order.returns import routes as returns
from order.returns.commands import AwaitStaff
from order.state import Status
from order.views import OrderView, TimelineEntry

app = http_app()

OrderId = Annotated[str, Path(max_length=64)]


@app.post("/orders/quote", security=PUBLIC)
def quote(body: QuoteRequest, at: ReceivedAt) -> Priced:
    """How often one customer may use a coupon is seen when they order: here we do not know who asks."""
    return use_cases.quote(body, at)


@app.post("/orders", status_code=HTTPStatus.ACCEPTED, security=CUSTOMER)
def place_order(body: OrderRequest, key: IdempotencyKey, caller: SignedIn, at: ReceivedAt) -> Response[OrderView]:
    address = Address(**body.shipping_address.model_dump())
    command = PlaceOrder(
        order_id=derived_id("ord", caller.sub, "POST /orders", key),
        customer_id=caller.sub,
        items=tuple(body.items),
        terms=use_cases.terms(body),
        coupon=body.coupon,
        shipping_address=person_keys().seal(caller.sub, address),
        country=address.country,
        shipping_method=body.shipping_method,
        payment_method=body.payment_method,
        expected_total=body.expected_total,
        fingerprint=fingerprint(body),
        at=at,
    )
    order, events, version = use_cases.place(command, caller.origin)
    headers: dict[str, str | list[str]] = {"Location": f"/orders/{command.order_id}"}
    if not events:  # a repeat gets the first answer, whatever has become of the order since
        order, version = orders().state(command.order_id, version=1), 1
        headers |= REPLAYED
    assert order, "it has just been placed"
    return Response(HTTPStatus.ACCEPTED, "application/json", OrderView.of(order, version, address), headers)


@app.get("/orders", security=CUSTOMER)
def list_orders(
    caller: SignedIn,
    query: ThisQuery,
    status: Annotated[Status | None, Query()] = None,
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
def get_timeline(
    order_id: OrderId, caller: SignedIn, query: ThisQuery, limit: Limit = 20, cursor: Cursor = None
) -> Listed[TimelineEntry]:
    """Oldest first. What had begun but not ended yet, such as a capture that is being asked for, is not told."""
    own = streams().messages(order_id, "order")
    if not own or not caller.may_see(own[0].data["customer_id"]):
        raise NotFound("There is no such order.")
    story = in_order([*own, *facts().of(order_id)])
    shown, after = page(story, limit, cursors().open(cursor, query))
    return Listed(items=[TimelineEntry.of(m) for m in shown], next_cursor=cursors().seal(after, query))


@app.post("/orders/<order_id>/cancel", status_code=HTTPStatus.ACCEPTED, security=CUSTOMER)
def cancel_order(
    order_id: OrderId, body: CancelRequest, key: IdempotencyKey, keyed: Keyed, caller: SignedIn, at: ReceivedAt
) -> Response[OrderView]:
    told = _theirs(order_id, caller)
    command = CancelOrderRequest(order_id=order_id, reason=body.reason, dispatched=bool(told.parcels) or None, at=at)
    return use_cases.cancelled_once(keyed, command, told, caller.origin)


@app.post("/orders/<order_id>/retry", status_code=HTTPStatus.ACCEPTED, security=STAFF)
def retry_order(
    order_id: OrderId, body: OperatorRequest, key: IdempotencyKey, keyed: Keyed, caller: SignedIn, at: ReceivedAt
) -> Response[OrderView]:
    """Start again what waits: the order, its cancellation, or what follows a dispatch. Every step is idempotent."""
    told = _theirs(order_id, caller)
    command = RetryOrder(order_id=order_id, reason=body.reason, parcels=told.parcels, at=at)
    return use_cases.answered_once(keyed, lambda: command, told, caller.origin)


@app.post("/orders/<order_id>/compensate", status_code=HTTPStatus.ACCEPTED, security=STAFF)
def compensate_order(
    order_id: OrderId, body: OperatorRequest, key: IdempotencyKey, keyed: Keyed, caller: SignedIn, at: ReceivedAt
) -> Response[OrderView]:
    """Give all money back, and the goods that have not left: the order ends `cancelled`."""
    told = _theirs(order_id, caller)
    command = CompensateOrder(order_id=order_id, reason=body.reason, dispatched=bool(told.parcels) or None, at=at)
    return use_cases.cancelled_once(keyed, command, told, caller.origin)


@app.post("/orders/<order_id>/close", status_code=HTTPStatus.ACCEPTED, security=STAFF)
def close_order(
    order_id: OrderId, body: OperatorRequest, key: IdempotencyKey, keyed: Keyed, caller: SignedIn, at: ReceivedAt
) -> Response[OrderView]:
    """A person has done the rest by hand. Refused while money or stock is held: nothing is hidden by closing."""
    told = _theirs(order_id, caller)
    command = SettleOrder(
        order_id=order_id,
        reason=body.reason,
        dispatched=bool(told.parcels),
        money_is_held=told.money_is_held or (told.money_is_kept and not told.parcels),
        stock_is_reserved=told.stock_is_reserved,
        at=at,
    )
    return use_cases.answered_once(keyed, lambda: command, told, caller.origin)


returns.add_to(app)


def _theirs(order_id: str, caller: Caller) -> Told:
    """What was told about an order that the caller may see."""
    order = orders().state(order_id)
    if order is None or not caller.may_see(order.placed.customer_id):
        raise NotFound("There is no such order.")
    return facts().of(order_id)


def _view(order_id: str, caller: Caller) -> OrderView:
    order, _, version = orders().version(order_id)
    if order is None or not caller.may_see(order.placed.customer_id):
        raise NotFound("There is no such order.")
    return use_cases.view(order, version, facts().of(order_id))


api = http_handler(app)
consumer = batch_handler(hear_all)
sweeper = sweeper_handler("order.sweeper", sweep)
relay = relay_handler("order", event_bus)
republisher = republisher_handler("order", outbox, event_bus)


@saga_tasks(ORDER_TASKS)
def tasks(command: AnyOrderTask, origin: Origin) -> dict[str, Any]:
    if isinstance(command, AwaitStaff):
        waiting().note(command.return_id, command.waits_for, command.task_token)
        order = orders().state(command.order_id)
        assert order, "its saga has been started"
        waiting().tell(order.returns[command.return_id])
        return {}
    order = orders().handle(command.order_id, command, origin).state
    assert order, "the decider refuses what is not there"
    done: dict[str, Any] = {"order_id": command.order_id, "status": order.status}
    if isinstance(command, ChargeShipment):
        charge = charge_of(order, command.shipment_id)
        done |= {"amount": charge.amount.model_dump(), "final": charge.final}
    return done
