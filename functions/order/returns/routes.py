"""The routes of returns, for the order's router: requested by customers, decided on and received by staff."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BaseModel, ConfigDict, Field, field_validator

from common.domain.errors import NotFound
from common.entrypoint.authentication import CUSTOMER, STAFF, Caller, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.fields import Nothing, Text
from common.entrypoint.idempotency import IdempotencyKey, Keyed, Remember, answer, derived_id, once
from common.infrastructure.idempotency import Answer, KeyedRequest
from common.infrastructure.transaction import Write
from order.bootstrap import orders, records
from order.commands import RequestedItem
from order.events import AnyOrderEvent
from order.requests import each_sku_once
from order.returns.commands import ApproveReturn, ReceiveReturn, RejectReturn, RequestReturn, StaffCommand
from order.returns.views import ReturnView
from order.state import Order

OrderId = Annotated[str, Path(max_length=64)]
ReturnId = Annotated[str, Path(max_length=64)]


class ReturnRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    items: Annotated[list[RequestedItem], Field(min_length=1, max_length=50)]
    reason: Text

    @field_validator("items")
    @classmethod
    def name_each_sku_once(cls, items: list[RequestedItem]) -> list[RequestedItem]:
        return each_sku_once(items)


class ReceiptRequest(BaseModel):
    """Without items, all that was promised has come. None at all: the parcel was empty."""

    model_config = ConfigDict(extra="forbid")
    items: Annotated[list[RequestedItem] | None, Field(max_length=50)] = None

    @field_validator("items")
    @classmethod
    def name_each_sku_once(cls, items: list[RequestedItem] | None) -> list[RequestedItem] | None:
        return None if items is None else each_sku_once(items)


def add_to(app: APIGatewayHttpResolver) -> None:
    @app.post("/orders/<order_id>/returns", status_code=HTTPStatus.CREATED, security=CUSTOMER)
    def request_return(
        order_id: OrderId, body: ReturnRequest, key: IdempotencyKey, keyed: Keyed, caller: SignedIn, at: ReceivedAt
    ) -> Response[ReturnView]:
        return_id = derived_id("ret", caller.sub, order_id, key)
        asked = {"items": tuple(body.items), "reason": body.reason, "at": at}
        command = RequestReturn(order_id=order_id, return_id=return_id, **asked)
        return _answered_once(keyed, command, caller, HTTPStatus.CREATED)

    @app.get("/orders/<order_id>/returns/<return_id>", security=CUSTOMER)
    def get_return(order_id: OrderId, return_id: ReturnId, caller: SignedIn) -> ReturnView:
        found = _theirs(order_id, caller).returns.get(return_id)
        if found is None:
            raise NotFound("There is no such return.")
        return ReturnView.of(found)

    @app.post("/orders/<order_id>/returns/<return_id>/approve", status_code=HTTPStatus.ACCEPTED, security=STAFF)
    def approve_return(
        order_id: OrderId,
        return_id: ReturnId,
        body: Nothing,
        key: IdempotencyKey,
        keyed: Keyed,
        caller: SignedIn,
        at: ReceivedAt,
    ) -> Response[ReturnView]:
        command = ApproveReturn(order_id=order_id, return_id=return_id, at=at)
        return _answered_once(keyed, command, caller, HTTPStatus.ACCEPTED)

    @app.post("/orders/<order_id>/returns/<return_id>/reject", status_code=HTTPStatus.ACCEPTED, security=STAFF)
    def reject_return(
        order_id: OrderId,
        return_id: ReturnId,
        body: Nothing,
        key: IdempotencyKey,
        keyed: Keyed,
        caller: SignedIn,
        at: ReceivedAt,
    ) -> Response[ReturnView]:
        command = RejectReturn(order_id=order_id, return_id=return_id, at=at)
        return _answered_once(keyed, command, caller, HTTPStatus.ACCEPTED)

    @app.post("/orders/<order_id>/returns/<return_id>/receive", status_code=HTTPStatus.ACCEPTED, security=STAFF)
    def receive_return(
        order_id: OrderId,
        return_id: ReturnId,
        body: ReceiptRequest,
        key: IdempotencyKey,
        keyed: Keyed,
        caller: SignedIn,
        at: ReceivedAt,
    ) -> Response[ReturnView]:
        """The refund and the restocking follow."""
        items = None if body.items is None else tuple(body.items)
        command = ReceiveReturn(order_id=order_id, return_id=return_id, items=items, at=at)
        return _answered_once(keyed, command, caller, HTTPStatus.ACCEPTED)


def _theirs(order_id: str, caller: Caller) -> Order:
    order = orders().state(order_id)
    if order is None or not caller.may_see(order.placed.customer_id):
        raise NotFound("There is no such order.")
    return order


def _answered_once(
    keyed: KeyedRequest, command: RequestReturn | StaffCommand, caller: Caller, status: HTTPStatus
) -> Response[ReturnView]:
    """The return as it is after the command. The answer is kept in the transaction of what happened."""
    _theirs(command.order_id, caller)

    def told(order: Order | None) -> Answer:
        assert order, "the decider refuses what is not there"
        return answer(status, ReturnView.of(order.returns[command.return_id]))

    def use_case(remember: Remember) -> Answer:
        def remembered(order: Order | None, events: Sequence[AnyOrderEvent], version: int) -> Sequence[Write]:
            return [remember(told(order))]

        return told(orders().handle(command.order_id, command, caller.origin, also=remembered).state)

    return once(records(), keyed, ReturnView, use_case)
