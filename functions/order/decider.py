"""The rules of an order. Pure: no clock, no random ids, no AWS.

    placed ─▶ confirmed ─▶ shipped ─▶ delivered ─▶ returned
      │ ▲        │
      ▼ │        ▼
    awaiting_payment ─▶ rejected          placed, awaiting_payment, confirmed ─▶ cancelling ─▶ cancelled
    any that cannot go on by itself ─▶ needs_attention

Confirm and reject exclude each other here, in the order's own stream: whoever comes second is refused. A part that
leaves and a cancellation exclude each other in the shipment's. Parts are `fulfilment`'s; what comes back is `returns`';
whatever stands still, and what staff may do about it, is `attention`'s.
"""

from common.domain.decider import Decider
from common.domain.errors import IdempotencyKeyReused, NotFound
from order import attention, fulfilment
from order.commands import (
    AwaitPayment,
    CancelOrder,
    CancelOrderRequest,
    ChargeShipment,
    CloseOrder,
    CompensateOrder,
    ConfirmOrder,
    DeliverOrder,
    OrderCommand,
    ParkOrder,
    PlaceOrder,
    RefuseCancel,
    RejectOrder,
    ResumeOrder,
    RetryOrder,
    SettleOrder,
    ShipOrder,
)
from order.endings import REASONS, cancelled, rejected
from order.events import (
    AnyOrderEvent,
    OrderAwaitingPayment,
    OrderCancelRefused,
    OrderCancelRequested,
    OrderClosed,
    OrderConfirmed,
    OrderPlaced,
    Purchase,
)
from order.pricing import price
from order.refusals import NotCancellable, OrderNotOpen, PriceChanged
from order.returns import decider as returns
from order.state import Order, evolve


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
        case ChargeShipment():
            return fulfilment.charge(command, order)
        case ShipOrder():
            return fulfilment.ship(command, order)
        case DeliverOrder():
            return fulfilment.deliver(command, order)
        case CancelOrderRequest():
            return _request_cancel(command, order)
        case CancelOrder():
            return _cancel(command, order)
        case RefuseCancel():
            return [OrderCancelRefused(**order.ids, at=command.at)] if order.stage == "cancelling" else []
        case ParkOrder():
            return attention.park(command, order)
        case ResumeOrder():
            return attention.resume(command, order)
        case RetryOrder():
            return attention.retry(command, order)
        case CompensateOrder():
            return attention.compensate(command, order)
        case SettleOrder():
            return attention.settle(command, order)
        case _:
            return returns.decide(command, order)


def _place(command: PlaceOrder, order: Order | None) -> list[AnyOrderEvent]:
    if order:
        if order.placed.fingerprint == command.fingerprint:
            return []
        raise IdempotencyKeyReused("This Idempotency-Key has placed another order.")
    terms, country = command.terms, command.country
    priced = price(
        command.items, terms, method=command.shipping_method, country=country, coupon=command.coupon, at=command.at
    )
    if command.expected_total not in (None, priced.total):
        raise PriceChanged(f"The total is {priced.total.text} now.")
    asked = command.model_dump(exclude={"items", "terms", "coupon", "expected_total"})
    taken = terms.coupon.redemption if command.coupon and terms.coupon else None
    return [OrderPlaced(**asked, **dict(priced), coupon=taken)]


def _await_payment(command: AwaitPayment, order: Order) -> list[AnyOrderEvent]:
    match order.status:
        case "placed":
            until = command.at + attention.CUSTOMER_MAY_TAKE
            return [OrderAwaitingPayment(**order.ids, payment_id=command.payment_id, act_until=until, at=command.at)]
        case "awaiting_payment":
            return []
        case _:
            raise OrderNotOpen(f"The order is {order.status}.")


def _confirm(command: ConfirmOrder, order: Order) -> list[AnyOrderEvent]:
    match order.stage:
        case "placed" | "awaiting_payment":
            purchase = {name: getattr(order.placed, name) for name in Purchase.model_fields}
            return [OrderConfirmed(order_id=command.order_id, payment_id=command.payment_id, at=command.at, **purchase)]
        case "confirmed" | "shipped" | "delivered" | "returned":
            return []
        case _:
            raise OrderNotOpen(f"The order is {order.status}.")


def _reject(command: RejectOrder, order: Order) -> list[AnyOrderEvent]:
    match order.stage:
        case "placed" | "awaiting_payment":
            return [rejected(order, REASONS.get(command.cause, "system_error"), command.at)]
        case "rejected":
            return []
        case _:
            raise OrderNotOpen(f"The order is {order.status}.")


def _request_cancel(command: CancelOrderRequest, order: Order) -> list[AnyOrderEvent]:
    """A parked order is staff's to cancel, but when its goods have been stopped there is no way back."""
    match order.stage if command.dispatched is False else order.status:
        case "placed" | "awaiting_payment" | "confirmed":
            if order.goods_left or command.dispatched:
                raise NotCancellable("A part of the order has left.")
            return [OrderCancelRequested(**order.ids, reason=command.reason, at=command.at)]
        case "cancelling" | "cancelled":
            return []
        case _:
            raise NotCancellable(f"The order is {order.status}.")


def _cancel(command: CancelOrder, order: Order) -> list[AnyOrderEvent]:
    match order.stage:
        case "cancelling":
            return [cancelled(order, order.reason, command.at)]
        case "cancelled":
            return []
        case _:
            raise OrderNotOpen(f"The order is {order.status}.")


decider: Decider[OrderCommand, Order | None, AnyOrderEvent] = Decider(None, decide, evolve)
