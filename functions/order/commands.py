"""What may be asked of an order."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from common.domain.message import Command
from common.domain.money import Money
from order.events import Address, SagaName

Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
ShippingMethod = Literal["standard", "express"]


class RequestedItem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    sku: Sku
    quantity: Annotated[int, Field(strict=True, ge=1, le=1000)]


class Price(BaseModel):
    """What catalog last said about a SKU."""

    model_config = ConfigDict(frozen=True)
    name: str
    unit_price: Money
    status: str = "active"


class PlaceOrder(Command):
    order_id: str
    customer_id: str
    items: tuple[RequestedItem, ...]
    prices: dict[str, Price]
    shipping_address: Address
    shipping_method: ShippingMethod
    payment_method: str
    expected_total: Money | None = None
    fingerprint: str


class CancelOrderRequest(Command):
    """The customer, or staff for them, wants the money back and the goods kept."""

    order_id: str
    reason: str | None


class ResumeOrder(Command):
    """Run its saga again, if it still waits for one and has not moved for `patience` seconds."""

    order_id: str
    saga: SagaName
    patience: int = 0
    shipment_id: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None


class DeliverOrder(Command):
    order_id: str


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


class ShipOrder(Command):
    type: Literal["ShipOrder"] = "ShipOrder"
    order_id: str
    shipment_id: str
    carrier: str
    tracking_number: str


class CancelOrder(Command):
    type: Literal["CancelOrder"] = "CancelOrder"
    order_id: str


class RefuseCancel(Command):
    type: Literal["RefuseCancel"] = "RefuseCancel"
    order_id: str


class ParkOrder(Command):
    type: Literal["ParkOrder"] = "ParkOrder"
    order_id: str
    cause: str


OrderTask = AwaitPayment | ConfirmOrder | RejectOrder | CloseOrder | ShipOrder | CancelOrder | RefuseCancel | ParkOrder
ORDER_TASKS: TypeAdapter[OrderTask] = TypeAdapter(Annotated[OrderTask, Field(discriminator="type")])
OrderCommand = PlaceOrder | CancelOrderRequest | ResumeOrder | DeliverOrder | OrderTask
