"""What may be asked of the shipments of an order.

All shipments of one order are one consignment: one aggregate with one stream, so that they are split and cancelled in
one write. The stream and the first shipment are named after the order; the names of the others begin with theirs.
"""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from common.domain.message import Command
from common.domain.sealed import Sealed
from shipping.events import Moving, Offer, ShippedItem


def consignment_of(order_id: str) -> str:
    return f"shp_{order_id.removeprefix('ord_')}"


def consignment_with(shipment_id: str) -> str:
    """`shp_<order>` for `shp_<order>` and for `shp_<order>_<part>`."""
    return "_".join(shipment_id.split("_", 2)[:2])


class CreateShipment(Command):
    order_id: str
    customer_id: str
    items: tuple[ShippedItem, ...]
    shipping_address: Sealed
    shipping_method: str = "standard"

    @property
    def shipment_id(self) -> str:
        return consignment_of(self.order_id)


class SplitShipment(Command):
    """`items` shall leave `shipment_id`, and go by themselves as `split_id`."""

    shipment_id: str
    split_id: str
    items: tuple[ShippedItem, ...]


class RequestDispatch(Command):
    """`items` are those that the offer was made for."""

    shipment_id: str
    items: tuple[ShippedItem, ...]
    offer: Offer


class AbandonDispatch(Command):
    shipment_id: str
    reason: str


class News(BaseModel):
    """What the carrier says of a parcel, at one time. See `tracking`."""

    model_config = ConfigDict(frozen=True)
    status: Moving | Literal["delivered", "failed", "returned"]
    location: str | None = None
    occurred_at: AwareDatetime | None = None
    cause: str = ""  # of a failure, in the carrier's word


class Label(BaseModel):
    """It is bought. `news` is what the carrier had said by then, when we learn of it late."""

    model_config = ConfigDict(frozen=True)
    carrier: str
    tracking_number: str
    label_url: str | None = None
    news: tuple[News, ...] = ()


class CompleteDispatch(Command):
    shipment_id: str
    label: Label


class TrackShipment(Command):
    """`news` with the oldest first."""

    shipment_id: str
    news: tuple[News, ...]


class CancelShipment(Command):
    """All shipments of the order, or none of them; those that are still here, when `goods_left`."""

    type: Literal["CancelShipment"] = "CancelShipment"
    order_id: str
    goods_left: bool = False
    reason: str | None = None  # of who cancels the order

    @property
    def shipment_id(self) -> str:
        return consignment_of(self.order_id)


SHIPPING_TASKS = TypeAdapter(CancelShipment)
PartCommand = SplitShipment | RequestDispatch | AbandonDispatch | CompleteDispatch | TrackShipment
ShipmentCommand = CreateShipment | CancelShipment | PartCommand
