"""The rules of an order. Pure: no clock, no random ids, no AWS.

    placed ─▶ confirmed ─▶ shipped ─▶ delivered
      │ ▲        │
      ▼ │        ▼
    awaiting_payment ─▶ rejected          placed, awaiting_payment, confirmed ─▶ cancelling ─▶ cancelled
    any that cannot go on by itself ─▶ needs_attention

Confirm and reject exclude each other here, in the order's own stream: whoever comes second is refused.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, assert_never

from common.domain.decider import Decider
from common.domain.errors import Conflict, IdempotencyKeyReused, NotFound
from order.commands import (
    AwaitPayment,
    CancelOrder,
    CancelOrderRequest,
    CloseOrder,
    ConfirmOrder,
    DeliverOrder,
    OrderCommand,
    ParkOrder,
    PlaceOrder,
    RefuseCancel,
    RejectOrder,
    ResumeOrder,
    ShipOrder,
)
from order.events import (
    AnyOrderEvent,
    OrderAwaitingPayment,
    OrderCancelled,
    OrderCancelRefused,
    OrderCancelRequested,
    OrderClosed,
    OrderConfirmed,
    OrderDelivered,
    OrderParked,
    OrderPlaced,
    OrderRejected,
    OrderResumed,
    OrderShipped,
    Purchase,
    SagaName,
)
from order.pricing import price

Status = Literal[
    "placed",
    "awaiting_payment",
    "confirmed",
    "shipped",
    "delivered",
    "rejected",
    "cancelling",
    "cancelled",
    "needs_attention",
]
REASONS = {
    "OutOfStock": "out_of_stock",
    "PaymentDeclined": "payment_declined",
    "PaymentTimeout": "payment_timeout",
    "OutcomeUnknown": "payment_timeout",
    "ProviderDown": "payment_timeout",
    "States.Timeout": "payment_timeout",
    "ReservationClosed": "payment_timeout",
}
MAX_ATTEMPTS = 10  # of starting a saga again, before a person must look
CUSTOMER_MAY_TAKE = timedelta(minutes=15)  # to act on their payment, as long as the stock is reserved for them


@dataclass(frozen=True)
class Order:
    placed: OrderPlaced
    updated_at: datetime
    status: Status = "placed"
    reason: str | None = None
    attempts: int = 0  # of the saga that it is in, beyond the first
    closed: bool = False
    since: Status = "placed"  # where a refused cancellation goes back to

    def waits_for(self, saga: SagaName) -> bool:
        """Whether that saga still has something to do for it."""
        match saga:
            case "place_order":
                return self.status in ("placed", "awaiting_payment") or (self.status == "rejected" and not self.closed)
            case "cancel_order":
                return self.status == "cancelling"
            case "fulfil_order":
                return self.status in ("confirmed", "cancelling")


class OrderNotOpen(Conflict):
    """It has been decided otherwise."""


class NotCancellable(Conflict): ...


class PriceChanged(Conflict): ...


class OrderNotShipped(Conflict):
    """The news of its delivery came before that of its dispatch. It will be told again."""


def decide(command: OrderCommand, order: Order | None) -> list[AnyOrderEvent]:
    """Return what happens, or [] if it already has, or raise if it may not."""
    if isinstance(command, PlaceOrder):
        return _place(command, order)
    if order is None:
        raise NotFound("There is no such order.")
    match command:
        case AwaitPayment():
            return _await_payment(command, order)
        case ConfirmOrder():
            return _confirm(command, order)
        case RejectOrder():
            return _reject(command, order)
        case CloseOrder():
            return [] if order.closed else [OrderClosed(order_id=command.order_id, at=command.at)]
        case ShipOrder():
            return _ship(command, order)
        case DeliverOrder():
            return _deliver(command, order)
        case CancelOrderRequest():
            return _request_cancel(command, order)
        case CancelOrder():
            return _cancel(command, order)
        case RefuseCancel():
            return [OrderCancelRefused(**_of(order), at=command.at)] if order.status == "cancelling" else []
        case ParkOrder():
            return _park(command, order)
        case ResumeOrder():
            return _resume(command, order)
        case _:
            assert_never(command)


def _of(order: Order) -> dict[str, str]:
    return {"order_id": order.placed.order_id, "customer_id": order.placed.customer_id}


def _place(command: PlaceOrder, order: Order | None) -> list[AnyOrderEvent]:
    if order:
        if order.placed.fingerprint == command.fingerprint:
            return []
        raise IdempotencyKeyReused("This Idempotency-Key has placed another order.")
    priced = price(command.items, command.prices, command.shipping_method, command.shipping_address.country)
    if command.expected_total not in (None, priced.total):
        raise PriceChanged(f"The total is {priced.total.text} now.")
    asked = command.model_dump(exclude={"items", "prices", "expected_total"})
    return [OrderPlaced(**asked, **priced.model_dump())]


def _await_payment(command: AwaitPayment, order: Order) -> list[AnyOrderEvent]:
    match order.status:
        case "placed":
            return [OrderAwaitingPayment(**_of(order), payment_id=command.payment_id, at=command.at)]
        case "awaiting_payment":
            return []
        case _:
            raise OrderNotOpen(f"The order is {order.status}.")


def _confirm(command: ConfirmOrder, order: Order) -> list[AnyOrderEvent]:
    match order.status:
        case "placed" | "awaiting_payment":
            purchase = {name: getattr(order.placed, name) for name in Purchase.model_fields}
            return [OrderConfirmed(order_id=command.order_id, payment_id=command.payment_id, at=command.at, **purchase)]
        case "confirmed" | "shipped" | "delivered":
            return []
        case _:
            raise OrderNotOpen(f"The order is {order.status}.")


def _reject(command: RejectOrder, order: Order) -> list[AnyOrderEvent]:
    match order.status:
        case "placed" | "awaiting_payment":
            reason = REASONS.get(command.cause, "system_error")
            return [OrderRejected(**_of(order), reason=reason, total=order.placed.total, at=command.at)]
        case "rejected":
            return []
        case _:
            raise OrderNotOpen(f"The order is {order.status}.")


def _ship(command: ShipOrder, order: Order) -> list[AnyOrderEvent]:
    match order.status:
        case "confirmed" | "cancelling":  # what has left cannot be cancelled any more
            return [OrderShipped(customer_id=order.placed.customer_id, **command.model_dump(exclude={"type"}))]
        case "shipped" | "delivered":
            return []
        case _:
            raise OrderNotOpen(f"The order is {order.status}.")


def _deliver(command: DeliverOrder, order: Order) -> list[AnyOrderEvent]:
    match order.status:
        case "shipped":
            return [OrderDelivered(**_of(order), at=command.at)]
        case "delivered":
            return []
        case "confirmed" | "cancelling":
            raise OrderNotShipped("The order has not been shipped yet.")
        case _:
            raise OrderNotOpen(f"The order is {order.status}.")


def _request_cancel(command: CancelOrderRequest, order: Order) -> list[AnyOrderEvent]:
    match order.status:
        case "placed" | "awaiting_payment" | "confirmed":
            return [OrderCancelRequested(**_of(order), reason=command.reason, at=command.at)]
        case "cancelling" | "cancelled":
            return []
        case _:
            raise NotCancellable(f"The order is {order.status}.")


def _cancel(command: CancelOrder, order: Order) -> list[AnyOrderEvent]:
    match order.status:
        case "cancelling":
            return [OrderCancelled(**_of(order), reason=order.reason, total=order.placed.total, at=command.at)]
        case "cancelled":
            return []
        case _:
            raise OrderNotOpen(f"The order is {order.status}.")


def _park(command: ParkOrder, order: Order) -> list[AnyOrderEvent]:
    if order.status == "needs_attention":
        return []
    return [OrderParked(**_of(order), cause=command.cause, at=command.at)]


def _resume(command: ResumeOrder, order: Order) -> list[AnyOrderEvent]:
    stood_still = command.at - order.updated_at >= timedelta(seconds=command.patience)
    if not order.waits_for(command.saga) or not stood_still:
        return []
    if order.attempts >= MAX_ATTEMPTS:
        return [OrderParked(**_of(order), cause=f"{command.saga} was started {order.attempts} times", at=command.at)]
    if order.status == "awaiting_payment" and command.patience:  # nobody acted; patience 0 means that somebody did
        if command.at - order.updated_at < CUSTOMER_MAY_TAKE:
            return []
        given_up = OrderRejected(**_of(order), reason="payment_timeout", total=order.placed.total, at=command.at)
        return [given_up, _resumed(command, order)]
    return [_resumed(command, order)]


def _resumed(command: ResumeOrder, order: Order) -> OrderResumed:
    placed = order.placed
    return OrderResumed(
        **command.model_dump(exclude={"patience"}),
        customer_id=placed.customer_id,
        attempt=order.attempts + 1,
        items=placed.items,
        total=placed.total,
        payment_method=placed.payment_method,
    )


def evolve(order: Order | None, event: AnyOrderEvent) -> Order:
    if isinstance(event, OrderPlaced):
        return Order(event, updated_at=event.at)
    assert order, "a stream begins with OrderPlaced"
    order = replace(order, updated_at=event.at)
    match event:
        case OrderResumed():
            return replace(order, attempts=event.attempt)
        case OrderAwaitingPayment():
            return replace(order, status="awaiting_payment")
        case OrderConfirmed():
            return replace(order, status="confirmed", attempts=0)
        case OrderRejected():
            return replace(order, status="rejected", reason=event.reason, attempts=0)
        case OrderCancelRequested():
            return replace(order, status="cancelling", since=order.status, reason=event.reason, attempts=0)
        case OrderCancelRefused():
            return replace(order, status=order.since, reason=None)
        case OrderCancelled():
            return replace(order, status="cancelled")
        case OrderShipped():
            return replace(order, status="shipped", reason=None, attempts=0)
        case OrderDelivered():
            return replace(order, status="delivered")
        case OrderParked():
            return replace(order, status="needs_attention", reason=event.cause)
        case OrderClosed():
            return replace(order, closed=True)
        case _:
            assert_never(event)


decider: Decider[OrderCommand, Order | None, AnyOrderEvent] = Decider(None, decide, evolve)
