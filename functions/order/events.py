"""What has happened to an order. Stored for ever: add fields with defaults, rename nothing.

An event that wants a saga run says which in `saga`; a rule on the bus starts it.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from common.domain.message import Event
from common.domain.money import Money

SagaName = Literal["place_order", "fulfil_order", "cancel_order"]


class OrderItem(BaseModel):
    model_config = ConfigDict(frozen=True)
    sku: str
    name: str
    quantity: int
    unit_price: Money
    total: Money


class Address(BaseModel):
    model_config = ConfigDict(frozen=True)
    name: str
    line1: str
    line2: str | None = None
    city: str
    postal_code: str
    country: str


class Priced(BaseModel):
    """What an order costs: subtotal - discount + shipping + tax = total."""

    model_config = ConfigDict(frozen=True)
    items: tuple[OrderItem, ...]
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money


class Purchase(Priced):
    """What was agreed when the order was placed, and what those need who work on it."""

    customer_id: str
    shipping_address: Address
    shipping_method: str


class OrderPlaced(Event, Purchase):
    type: Literal["OrderPlaced"] = "OrderPlaced"
    order_id: str
    payment_method: str
    fingerprint: str  # of the request, to tell a repeat from a reused key
    saga: SagaName = "place_order"


class OrderResumed(Event):
    """It stood still, or what it waited for came: the saga runs again, with what it needs. Every step is idempotent."""

    type: Literal["OrderResumed"] = "OrderResumed"
    order_id: str
    saga: SagaName
    attempt: int
    customer_id: str
    items: tuple[OrderItem, ...] = ()
    total: Money
    payment_method: str
    shipment_id: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None


class OrderAwaitingPayment(Event):
    type: Literal["OrderAwaitingPayment"] = "OrderAwaitingPayment"
    order_id: str
    customer_id: str
    payment_id: str


class OrderConfirmed(Event, Purchase):
    type: Literal["OrderConfirmed"] = "OrderConfirmed"
    order_id: str
    payment_id: str


class OrderRejected(Event):
    type: Literal["OrderRejected"] = "OrderRejected"
    order_id: str
    customer_id: str
    reason: str
    total: Money


class OrderCancelRequested(Event):
    type: Literal["OrderCancelRequested"] = "OrderCancelRequested"
    order_id: str
    customer_id: str
    reason: str | None
    saga: SagaName = "cancel_order"


class OrderCancelRefused(Event):
    """The goods had left before the cancellation could stop them."""

    type: Literal["OrderCancelRefused"] = "OrderCancelRefused"
    order_id: str
    customer_id: str


class OrderCancelled(Event):
    type: Literal["OrderCancelled"] = "OrderCancelled"
    order_id: str
    customer_id: str
    reason: str | None
    total: Money


class OrderShipped(Event):
    type: Literal["OrderShipped"] = "OrderShipped"
    order_id: str
    customer_id: str
    shipment_id: str
    carrier: str
    tracking_number: str


class OrderDelivered(Event):
    type: Literal["OrderDelivered"] = "OrderDelivered"
    order_id: str
    customer_id: str


class OrderParked(Event):
    """A person must look."""

    type: Literal["OrderParked"] = "OrderParked"
    order_id: str
    customer_id: str
    cause: str


class OrderClosed(Event):
    """All that a rejected order had begun is undone."""

    type: Literal["OrderClosed"] = "OrderClosed"
    order_id: str


AnyOrderEvent = (
    OrderPlaced
    | OrderResumed
    | OrderAwaitingPayment
    | OrderConfirmed
    | OrderRejected
    | OrderCancelRequested
    | OrderCancelRefused
    | OrderCancelled
    | OrderShipped
    | OrderDelivered
    | OrderParked
    | OrderClosed
)
OrderEvent = Annotated[AnyOrderEvent, Field(discriminator="type")]
ORDER_EVENTS: TypeAdapter[AnyOrderEvent] = TypeAdapter(OrderEvent)
