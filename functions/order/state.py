"""An order as its events have made it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from common.domain.money import Money, total
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
    OrderPartDelivered,
    OrderPartShipped,
    OrderPlaced,
    OrderRejected,
    OrderResumed,
    OrderRetried,
    OrderReturned,
    OrderSettled,
    OrderShipped,
    SagaName,
    ShipmentCharged,
)
from order.pricing import shared_out
from order.returns.state import Return, evolve_returns
from order.units import Units, counted

Status = Literal[
    "placed",
    "awaiting_payment",
    "confirmed",
    "shipped",
    "delivered",
    "rejected",
    "cancelling",
    "cancelled",
    "returned",
    "needs_attention",
]


@dataclass(frozen=True)
class Charge:
    """What a shipment's part of the order costs. With the `final` one, the parts cost the total."""

    items: tuple[Units, ...]
    amount: Money
    final: bool


@dataclass(frozen=True)
class Order:
    placed: OrderPlaced  # with the shares of its lines, whether or not the event said them
    updated_at: datetime
    status: Status = "placed"
    reason: str | None = None
    attempts: int = 0  # of the saga that it is in, beyond the first
    sold: bool = False  # it has been confirmed
    closed: bool = False  # what a rejected order had begun is undone
    cancelled_in: Status = "placed"  # where a refused cancellation goes back to
    giving_back: bool = False  # it is being cancelled though goods have left: the money goes back alone
    parked_in: Status = "placed"  # where a parked order goes on
    cause: str | None = None  # why it is parked
    charges: Mapping[str, Charge] = field(default_factory=dict)  # by shipment, when there are several
    left: Mapping[str, tuple[Units, ...]] = field(default_factory=dict)  # by shipment
    arrived: frozenset[str] = frozenset()  # shipments
    returns: Mapping[str, Return] = field(default_factory=dict)  # by id

    @property
    def ids(self) -> dict[str, str]:
        """What each of its events says first."""
        return {"order_id": self.placed.order_id, "customer_id": self.placed.customer_id}

    @property
    def stage(self) -> Status:
        """How far it has come, parked or not."""
        return self.parked_in if self.status == "needs_attention" else self.status

    @property
    def is_over(self) -> bool:
        return self.status == "cancelled" or (self.status == "rejected" and self.closed)

    @property
    def goods_left(self) -> bool:
        return bool(self.left or self.charges) or self.stage in ("shipped", "delivered", "returned")

    @property
    def uncharged(self) -> tuple[Units, ...]:
        return self._without(charge.items for charge in self.charges.values())

    @property
    def remaining(self) -> tuple[Units, ...]:
        """What has not left."""
        return self._without(self.left.values())

    @property
    def charged(self) -> Money:
        return total((charge.amount for charge in self.charges.values()), self.placed.total.currency)

    def _without(self, parts: Iterable[tuple[Units, ...]]) -> tuple[Units, ...]:
        gone = counted(unit for part in parts for unit in part)
        rest = ((line.sku, line.quantity - gone[line.sku]) for line in self.placed.items)
        return tuple(Units(sku=sku, quantity=quantity) for sku, quantity in rest if quantity > 0)

    def waits_for(self, saga: SagaName, part: str | None = None) -> bool:
        """Whether that saga still has something to do for it, or for that shipment or return; parked or not."""
        stage = self.stage
        match saga:
            case "place_order":
                return stage in ("placed", "awaiting_payment") or (stage == "rejected" and not self.closed)
            case "cancel_order":
                return stage == "cancelling"
            case "fulfil_order":
                in_time = stage in ("confirmed", "cancelling") and not self.giving_back
                return in_time and part not in self.left
            case "return_order":
                return part is not None and part in self.returns and self.returns[part].status == "received"

    def is_done_with(self, saga: SagaName, part: str | None = None) -> bool:
        """Whether that saga never has anything to do again: more than not to wait, for a refused cancellation goes
        back to where it came from."""
        match saga:
            case "place_order":
                return self.sold or self.is_over
            case "cancel_order":
                return self.status == "cancelled"
            case "fulfil_order":
                return part in self.left
            case "return_order":
                return not self.waits_for(saga, part)


def evolve(order: Order | None, event: AnyOrderEvent) -> Order:
    if isinstance(event, OrderPlaced):
        return Order(shared_out(event), updated_at=event.at)
    assert order, "a stream begins with OrderPlaced"
    order = replace(order, updated_at=event.at)
    match event:
        case OrderResumed():
            return replace(order, attempts=event.attempt)
        case OrderAwaitingPayment():
            return replace(order, status="awaiting_payment")
        case OrderConfirmed():
            return replace(order, status="confirmed", sold=True, attempts=0, cause=None)
        case OrderRejected():
            return replace(order, status="rejected", reason=event.reason, attempts=0, cause=None)
        case OrderCancelRequested():
            asked = replace(order, cancelled_in=order.status, giving_back=event.goods_left, attempts=0)
            return replace(asked, status="cancelling", reason=event.reason)
        case OrderCancelRefused():
            return replace(_at(order, order.cancelled_in), reason=None, giving_back=False)
        case OrderCancelled():
            return replace(order, status="cancelled", reason=event.reason, cause=None)
        case ShipmentCharged():
            charge = Charge(event.items, event.amount, event.final)
            return replace(order, charges={**order.charges, event.shipment_id: charge})
        case OrderPartShipped() | OrderShipped():
            return _shipped(order, event)
        case OrderPartDelivered():
            return replace(order, arrived=order.arrived | {event.shipment_id})
        case OrderDelivered():
            return replace(order, status="delivered", cause=None)  # a parcel that was thought lost, too
        case OrderParked():
            return replace(order, parked_in=order.status, status="needs_attention", cause=event.cause)
        case OrderRetried():
            return replace(order, status=order.stage, attempts=0, cause=None)
        case OrderSettled():
            return replace(order, status=event.outcome, cause=None)
        case OrderReturned():
            return _at(order, "returned")
        case OrderClosed():
            return replace(order, closed=True)
        case _:
            return replace(order, returns=evolve_returns(order.returns, event))


def _shipped(order: Order, event: OrderPartShipped | OrderShipped) -> Order:
    left = {**order.left, event.shipment_id: event.items or order.remaining}
    if isinstance(event, OrderPartShipped):
        return replace(order, left=left, attempts=0)
    return replace(_at(order, "shipped"), left=left, reason=None, attempts=0)


def _at(order: Order, status: Status) -> Order:
    """It has come that far; a parked order stays parked."""
    return replace(order, parked_in=status) if order.status == "needs_attention" else replace(order, status=status)
