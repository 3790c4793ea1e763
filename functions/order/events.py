"""What has happened to an order. Stored for ever: add fields with defaults, rename nothing.

An event that wants a saga run says which in `saga`; a rule on the bus starts it.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from common.domain.message import Event
from common.domain.money import Money
from common.domain.sealed import Sealed
from order.returns.events import AnyReturnEvent
from order.returns.events import ReturnRequested as ReturnRequested
from order.units import Units

SagaName = Literal["place_order", "fulfil_order", "cancel_order", "return_order"]


class OrderItem(Units):
    """A line. It cost `total` - `discount` + `tax`; events from before there were shares do not say the last two."""

    name: str
    unit_price: Money
    total: Money
    discount: Money | None = None
    tax: Money | None = None


class Redemption(BaseModel):
    """A use of a coupon that an order has taken, and the limits that it counts against."""

    model_config = ConfigDict(frozen=True)
    code: str
    max_uses: int | None = None
    max_uses_per_customer: int | None = None


class Address(BaseModel):
    """What is in the box that `shipping_address` is."""

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
    shipping_address: Sealed
    country: str  # that the goods go to: taxes and rates need no more of the address
    shipping_method: str


class OrderPlaced(Event, Purchase):
    type: Literal["OrderPlaced"] = "OrderPlaced"
    order_id: str
    payment_method: str
    fingerprint: str  # of the request, to tell a repeat from a reused key
    coupon: Redemption | None = None
    saga: SagaName = "place_order"


class OrderResumed(Event):
    """It stood still, or what it waited for came: the saga runs again, with what it needs. Every step is idempotent."""

    type: Literal["OrderResumed"] = "OrderResumed"
    order_id: str
    saga: SagaName
    attempt: int
    customer_id: str
    items: tuple[Units, ...] = ()  # of the order; of the shipment, when the saga fulfils one
    total: Money
    payment_method: str
    undo: bool = False  # it was rejected: place_order has only to undo what it had begun
    goods_left: bool = False
    shipment_id: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    return_id: str | None = None


class OrderAwaitingPayment(Event):
    type: Literal["OrderAwaitingPayment"] = "OrderAwaitingPayment"
    order_id: str
    customer_id: str
    payment_id: str
    act_until: AwareDatetime | None = None


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
    coupon: Redemption | None = None  # given back with this


class OrderCancelRequested(Event):
    """By the customer, or by staff: the only ones who may ask when `goods_left`, to give the money back alone."""

    type: Literal["OrderCancelRequested"] = "OrderCancelRequested"
    order_id: str
    customer_id: str
    reason: str | None
    goods_left: bool = False
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
    coupon: Redemption | None = None  # given back with this
    items: tuple[OrderItem, ...] = ()  # of the sale that this takes back: none, if it had not been confirmed


class ShipmentCharged(Event):
    """What a part of the order costs: its share of the goods, and the shipping with the first part.

    A shipment of the whole order costs the total, which needs no event.
    """

    type: Literal["ShipmentCharged"] = "ShipmentCharged"
    order_id: str
    customer_id: str
    shipment_id: str
    items: tuple[Units, ...]
    amount: Money
    final: bool  # all parts are charged with it


class PartShipped(Event):
    order_id: str
    customer_id: str
    shipment_id: str
    carrier: str
    tracking_number: str
    items: tuple[Units, ...] = ()  # none said: all that had not left


class OrderPartShipped(PartShipped):
    """A part has left, others have not."""

    type: Literal["OrderPartShipped"] = "OrderPartShipped"


class OrderShipped(PartShipped):
    """The last part has left, or all of it at once."""

    type: Literal["OrderShipped"] = "OrderShipped"


class OrderPartDelivered(Event):
    """A parcel has arrived, and others have not; or we do not know yet that it has left."""

    type: Literal["OrderPartDelivered"] = "OrderPartDelivered"
    order_id: str
    customer_id: str
    shipment_id: str


class OrderDelivered(Event):
    """All has arrived."""

    type: Literal["OrderDelivered"] = "OrderDelivered"
    order_id: str
    customer_id: str
    shipment_id: str | None = None  # the last parcel


class OrderReturned(Event):
    """All of it came back."""

    type: Literal["OrderReturned"] = "OrderReturned"
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


class OrderRetried(Event):
    """Staff have mended what kept it: its sagas go on."""

    type: Literal["OrderRetried"] = "OrderRetried"
    order_id: str
    customer_id: str
    reason: str


class OrderSettled(Event):
    """Staff have done by hand what was left to do, and it stands as `outcome` says."""

    type: Literal["OrderSettled"] = "OrderSettled"
    order_id: str
    customer_id: str
    reason: str
    outcome: Literal["shipped", "delivered", "returned", "cancelled", "rejected"]


AnyOrderEvent = (
    OrderPlaced
    | OrderResumed
    | OrderAwaitingPayment
    | OrderConfirmed
    | OrderRejected
    | OrderCancelRequested
    | OrderCancelRefused
    | OrderCancelled
    | ShipmentCharged
    | OrderPartShipped
    | OrderShipped
    | OrderPartDelivered
    | OrderDelivered
    | OrderReturned
    | OrderParked
    | OrderRetried
    | OrderSettled
    | OrderClosed
    | AnyReturnEvent
)
OrderEvent = Annotated[AnyOrderEvent, Field(discriminator="type")]
ORDER_EVENTS: TypeAdapter[AnyOrderEvent] = TypeAdapter(OrderEvent)
