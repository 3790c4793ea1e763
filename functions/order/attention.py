"""The rules of what does not go on by itself: started again, handed to a person, and what that person may do. Pure.

retry        the sagas that wait are started again; every step of theirs is idempotent
compensate   all money goes back, and the goods that have not left: as a cancellation, by the same saga
settle       a person has done the rest by hand, and nothing of the customer's is held any more
"""

from dataclasses import replace
from datetime import datetime, timedelta

from order.commands import CompensateOrder, Parcel, ParkOrder, ResumeOrder, RetryOrder, SettleOrder
from order.endings import cancelled, rejected
from order.events import (
    AnyOrderEvent,
    OrderCancelRequested,
    OrderClosed,
    OrderParked,
    OrderResumed,
    OrderRetried,
    OrderSettled,
    SagaName,
)
from order.refusals import (
    MoneyIsHeld,
    NotCompensable,
    NothingToRetry,
    NotSettleable,
    StillMoving,
    StockIsReserved,
)
from order.state import Order
from order.units import Units

CAUSES = {
    "PaymentNotCapturable": "payment_not_capturable",
    "ReservationClosed": "stock_not_reserved",
    "NotReserved": "stock_not_reserved",
    "OrderNotOpen": "order_not_open",
    "NotInTheOrder": "not_in_the_order",
    "NotSold": "not_sold",
    "ReturnNotOpen": "return_not_open",
    "PaymentLapsed": "payment_lapsed",
    "ShipmentFailed": "shipment_failed",
    "ShipmentReturned": "shipment_returned",
    "RefundRefused": "refund_refused",
    "RefundExceedsCaptured": "refund_exceeds_captured",
}
MAX_ATTEMPTS = 10  # of starting a saga again, before a person must look
CUSTOMER_MAY_TAKE = timedelta(minutes=15)  # to act on their payment; inventory is told, and keeps the stock as long
SAGA_MAY_TAKE = timedelta(minutes=5)  # Express has no more
STUCK = timedelta(minutes=10)  # without a word, though a saga should be at work


def park(command: ParkOrder, order: Order) -> list[AnyOrderEvent]:
    if order.status == "needs_attention" or order.is_over or order.giving_back:
        return []
    if command.shipment_id and (command.shipment_id in order.arrived or order.stage == "delivered"):
        return []  # the attempt that failed is told after the one that succeeded
    return [_parked(CAUSES.get(command.cause, "system_error"), command, order)]


def _parked(cause: str, command: ParkOrder | ResumeOrder, order: Order) -> OrderParked:
    return OrderParked(**order.ids, cause=cause, at=command.at)


def resume(command: ResumeOrder, order: Order) -> list[AnyOrderEvent]:
    stood_still = command.at - order.updated_at >= timedelta(seconds=command.patience)
    parked = order.status == "needs_attention"
    if parked or not order.waits_for(command.saga, command.part) or not stood_still:
        return []
    if order.attempts >= MAX_ATTEMPTS:
        return [_parked(f"{command.saga}_stuck", command, order)]
    if order.status == "awaiting_payment" and command.patience:  # nobody acted; patience 0 means that somebody did
        if command.at - order.updated_at < CUSTOMER_MAY_TAKE:
            return []
        given_up = rejected(order, "payment_timeout", command.at)
        return [given_up, _resumed(command.saga, replace(order, status="rejected"), command.at)]
    return [_resumed(command.saga, order, command.at, command.parcel, command.return_id)]


def _resumed(
    saga: SagaName, order: Order, at: datetime, parcel: Parcel | None = None, return_id: str | None = None
) -> OrderResumed:
    placed = order.placed
    all_of_it = tuple(Units(sku=line.sku, quantity=line.quantity) for line in placed.items)
    return OrderResumed(
        order_id=placed.order_id,
        saga=saga,
        attempt=order.attempts + 1,
        customer_id=placed.customer_id,
        total=placed.total,
        payment_method=placed.payment_method,
        goods_left=order.giving_back,
        undo=order.status == "rejected",
        items=(parcel.items or order.remaining) if parcel else all_of_it,
        **(parcel.model_dump(exclude={"items"}) if parcel else {}),
        return_id=return_id,
        at=at,
    )


def retry(command: RetryOrder, order: Order) -> list[AnyOrderEvent]:
    """Raise NothingToRetry when no saga waits, parked or not."""
    freed = replace(order, status=order.stage, attempts=0)
    late = [parcel for parcel in command.parcels if order.waits_for("fulfil_order", parcel.shipment_id)]
    waiting: list[AnyOrderEvent] = [_resumed("fulfil_order", freed, command.at, parcel) for parcel in late]
    waiting += [_resumed(saga, freed, command.at) for saga in ("place_order", "cancel_order") if order.waits_for(saga)]
    back = [return_id for return_id in order.returns if order.waits_for("return_order", return_id)]
    waiting += [_resumed("return_order", freed, command.at, return_id=return_id) for return_id in back]
    if not waiting:
        raise NothingToRetry("Nothing of the order waits to be done.")
    return [OrderRetried(**order.ids, reason=command.reason, at=command.at), *waiting]


def compensate(command: CompensateOrder, order: Order) -> list[AnyOrderEvent]:
    """The money goes back, and what has not left. Raise NotCompensable for an order that is well, or ended."""
    parked = order.status == "needs_attention"
    if order.status in ("cancelling", "cancelled"):
        return []
    if order.stage in ("rejected", "cancelling"):  # the undo has begun: it goes on
        return retry(RetryOrder(**command.model_dump(exclude={"dispatched"})), order)
    goods_left = order.goods_left or bool(command.dispatched)
    if not parked and (goods_left or order.stage not in ("placed", "awaiting_payment", "confirmed")):
        raise NotCompensable(f"The order is {order.status}: refund its payment, or have the goods returned.")
    return [OrderCancelRequested(**order.ids, reason=command.reason, goods_left=goods_left, at=command.at)]


def settle(command: SettleOrder, order: Order) -> list[AnyOrderEvent]:
    """Raise NotSettleable, StillMoving, MoneyIsHeld or StockIsReserved."""
    stood_still = command.at - order.updated_at
    if order.status != "needs_attention" and not (_waits(order) and stood_still >= STUCK):
        raise NotSettleable(f"The order is {order.status}, and needs nobody to close it.")
    if command.money_is_held:
        raise MoneyIsHeld("The customer's money is held or was taken: compensate the order, or refund its payment.")
    if command.stock_is_reserved:
        raise StockIsReserved("Stock is reserved for the order: retry it, or compensate it.")
    settled = {**order.ids, "reason": command.reason, "at": command.at}
    if order.goods_left or command.dispatched:
        ended = order.stage if order.stage in ("delivered", "returned") else "shipped"
        return [OrderSettled(**settled, outcome=ended)]
    if stood_still < SAGA_MAY_TAKE:
        raise StillMoving("A saga may still work on the order: try again in five minutes.")
    if order.stage == "rejected":
        return [OrderSettled(**settled, outcome="rejected"), OrderClosed(order_id=command.order_id, at=command.at)]
    return [OrderSettled(**settled, outcome="cancelled"), cancelled(order, command.reason, command.at)]


def _waits(order: Order) -> bool:
    return order.waits_for("place_order") or order.waits_for("cancel_order")
