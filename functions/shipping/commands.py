"""What may be asked of a shipment. An order's first shipment has an id that derives from the order's."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from common.domain.message import Command
from shipping.events import Destination, Moving, Offer, ShippedItem


def shipment_of(order_id: str) -> str:
    return f"shp_{order_id.removeprefix('ord_')}"


class CreateShipment(Command):
    order_id: str
    customer_id: str
    items: tuple[ShippedItem, ...]
    shipping_address: Destination
    shipping_method: str = "standard"

    @property
    def shipment_id(self) -> str:
        return shipment_of(self.order_id)


class RequestDispatch(Command):
    shipment_id: str
    offer: Offer


class AbandonDispatch(Command):
    shipment_id: str
    reason: str


class News(BaseModel):
    """What the carrier says of a parcel. Without a time it cannot be told from the same news again."""

    model_config = ConfigDict(frozen=True)
    status: Moving | Literal["delivered", "failed"]
    location: str | None = None
    occurred_at: AwareDatetime | None = None
    cause: str = ""


class Label(BaseModel):
    """It is bought. `news` is what the carrier had said by then, when we learn of it late."""

    model_config = ConfigDict(frozen=True)
    carrier: str
    tracking_number: str
    label_url: str | None = None
    news: News | None = None


class CompleteDispatch(Command):
    shipment_id: str
    label: Label


class TrackShipment(Command):
    shipment_id: str
    news: News


class CancelShipment(Command):
    type: Literal["CancelShipment"] = "CancelShipment"
    order_id: str

    @property
    def shipment_id(self) -> str:
        return shipment_of(self.order_id)


SHIPPING_TASKS: TypeAdapter[CancelShipment] = TypeAdapter(CancelShipment)
ShipmentCommand = CreateShipment | RequestDispatch | AbandonDispatch | CompleteDispatch | TrackShipment | CancelShipment
