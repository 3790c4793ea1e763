"""What has happened to a shipment. Stored for ever: add fields with defaults, rename nothing."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from common.domain.message import Event
from common.domain.sealed import Sealed

Moving = Literal["in_transit", "out_for_delivery"]


class ShippedItem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    sku: str
    quantity: int


class Destination(BaseModel):
    """What is in the box that `shipping_address` is."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    name: str
    line1: str
    line2: str | None = None
    city: str
    postal_code: str
    country: str


class Offer(BaseModel):
    """A parcel that the provider knows, and the rate at which its label is to be bought. It is bought at most once."""

    model_config = ConfigDict(frozen=True)
    provider_reference: str
    rate_id: str
    carrier: str
    service: str


class ShipmentEvent(Event):
    shipment_id: str
    order_id: str


class CustomersShipmentEvent(ShipmentEvent):
    customer_id: str


class ShipmentCreated(CustomersShipmentEvent):
    type: Literal["ShipmentCreated"] = "ShipmentCreated"
    items: tuple[ShippedItem, ...]
    shipping_address: Sealed
    shipping_method: str = "standard"


class ShipmentSplit(CustomersShipmentEvent):
    """`items` left `from_shipment_id` to go by themselves, as `shipment_id`."""

    type: Literal["ShipmentSplit"] = "ShipmentSplit"
    from_shipment_id: str
    items: tuple[ShippedItem, ...]


class DispatchRequested(ShipmentEvent):
    """From here on a label may have been bought: the intent comes before the purchase."""

    type: Literal["DispatchRequested"] = "DispatchRequested"
    offer: Offer


class DispatchAbandoned(ShipmentEvent):
    """The provider refused to sell the label; there is none."""

    type: Literal["DispatchAbandoned"] = "DispatchAbandoned"
    reason: str


class ShipmentDispatched(CustomersShipmentEvent):
    type: Literal["ShipmentDispatched"] = "ShipmentDispatched"
    carrier: str
    tracking_number: str
    items: tuple[ShippedItem, ...]
    label_url: str | None = None


class ScanEvent(CustomersShipmentEvent):
    """What the carrier reported. `occurred_at` is the carrier's time, where it said one."""

    location: str | None = None
    occurred_at: AwareDatetime


class ShipmentTracked(ScanEvent):
    type: Literal["ShipmentTracked"] = "ShipmentTracked"
    status: Moving


class ShipmentDelivered(ScanEvent):
    type: Literal["ShipmentDelivered"] = "ShipmentDelivered"


class ShipmentFailed(ScanEvent):
    """An attempt at delivery, or the whole way. The carrier may try again. `cause` is its own word."""

    type: Literal["ShipmentFailed"] = "ShipmentFailed"
    cause: str


class ShipmentReturned(ScanEvent):
    """It is on its way back to us, and will not reach the customer."""

    type: Literal["ShipmentReturned"] = "ShipmentReturned"
    cause: str


class ShipmentCancelled(ShipmentEvent):
    """Also as a mark, when it was never created: whoever comes to create it comes too late."""

    type: Literal["ShipmentCancelled"] = "ShipmentCancelled"
    reason: str | None = None  # of who cancels the order, when shipping is the first to know


AnyShipmentEvent = (
    ShipmentCreated
    | ShipmentSplit
    | DispatchRequested
    | DispatchAbandoned
    | ShipmentDispatched
    | ShipmentTracked
    | ShipmentDelivered
    | ShipmentFailed
    | ShipmentReturned
    | ShipmentCancelled
)
SHIPMENT_EVENTS: TypeAdapter[AnyShipmentEvent] = TypeAdapter(Annotated[AnyShipmentEvent, Field(discriminator="type")])
