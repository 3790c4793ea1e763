"""What may be asked of an order."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from common.domain.message import Command
from common.domain.money import Money
from common.domain.sealed import Sealed
from order.events import SagaName
from order.pricing import Terms
from order.returns.commands import AnyReturnCommand, AwaitStaff, CompleteReturn
from order.units import Units

Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", examples=["mug-blue"])]
ShippingMethod = Literal["standard", "express"]


class RequestedItem(Units):
    model_config = ConfigDict(extra="forbid")
    sku: Sku
    quantity: Annotated[int, Field(strict=True, ge=1, le=1000)]


class Parcel(BaseModel):
    """What has left. Without items: all that had not left before."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    shipment_id: str
    carrier: str
    tracking_number: str
    items: tuple[Units, ...] = ()


class PlaceOrder(Command):
    order_id: str
    customer_id: str
    items: tuple[RequestedItem, ...]
    terms: Terms
    coupon: str | None = None
    shipping_address: Sealed
    country: str
    shipping_method: ShippingMethod
    payment_method: str
    expected_total: Money | None = None
    fingerprint: str


class CancelOrderRequest(Command):
    """The customer, or staff for them, wants the money back and the goods kept."""

    order_id: str
    reason: str | None
    dispatched: bool | None = None  # has some of it left? False: nor will it, for shipping has cancelled it


class ResumeOrder(Command):
    """Run its saga again, if it still waits for one and has not moved for `patience` seconds."""

    order_id: str
    saga: SagaName
    patience: int = 0
    parcel: Parcel | None = None  # the one that has left, for fulfil_order
    return_id: str | None = None  # what came back, for return_order

    @property
    def part(self) -> str | None:
        """Of the order, that the saga works on."""
        return self.parcel.shipment_id if self.parcel else self.return_id


class DeliverOrder(Command):
    order_id: str
    shipment_id: str


class RetryOrder(Command):
    """Staff: what kept it is mended. `parcels` are those that have left, as far as shipping has told."""

    order_id: str
    reason: str
    parcels: tuple[Parcel, ...] = ()


class CompensateOrder(Command):
    """Staff: give back all the money, and the goods that have not left."""

    order_id: str
    reason: str
    dispatched: bool | None = None


class SettleOrder(Command):
    """Staff: what was left to do has been done by hand. Or so they think: `money_is_held`, and what follows, is what
    has been told."""

    order_id: str
    reason: str
    dispatched: bool = False
    money_is_held: bool = False
    stock_is_reserved: bool = False


class AwaitPayment(Command):
    type: Literal["AwaitPayment"] = "AwaitPayment"
    order_id: str
    payment_id: str


class ConfirmOrder(Command):
    type: Literal["ConfirmOrder"] = "ConfirmOrder"
    order_id: str
    payment_id: str


class RejectOrder(Command):
    type: Literal["RejectOrder"] = "RejectOrder"
    order_id: str
    cause: str  # the name of the error that failed the saga


class CloseOrder(Command):
    type: Literal["CloseOrder"] = "CloseOrder"
    order_id: str


class ChargeShipment(Command):
    """A shipment has left: what does it cost? Without items: all that no shipment was charged for."""

    type: Literal["ChargeShipment"] = "ChargeShipment"
    order_id: str
    shipment_id: str
    items: tuple[Units, ...] = ()


class ShipOrder(Command):
    type: Literal["ShipOrder"] = "ShipOrder"
    order_id: str
    shipment_id: str
    carrier: str
    tracking_number: str
    items: tuple[Units, ...] = ()  # none said: all that had not left


class CancelOrder(Command):
    type: Literal["CancelOrder"] = "CancelOrder"
    order_id: str


class RefuseCancel(Command):
    type: Literal["RefuseCancel"] = "RefuseCancel"
    order_id: str


class ParkOrder(Command):
    """`shipment_id` is the parcel whose news it is, where it is a parcel's."""

    type: Literal["ParkOrder"] = "ParkOrder"
    order_id: str
    cause: str
    shipment_id: str | None = None


OrderTask = (
    AwaitPayment
    | ConfirmOrder
    | RejectOrder
    | CloseOrder
    | ChargeShipment
    | ShipOrder
    | CancelOrder
    | RefuseCancel
    | ParkOrder
    | CompleteReturn
)
AnyOrderTask = OrderTask | AwaitStaff
ORDER_TASKS: TypeAdapter[AnyOrderTask] = TypeAdapter(Annotated[AnyOrderTask, Field(discriminator="type")])
OperatorCommand = RetryOrder | CompensateOrder | SettleOrder
OrderCommand = (
    PlaceOrder | CancelOrderRequest | ResumeOrder | DeliverOrder | OperatorCommand | OrderTask | AnyReturnCommand
)
