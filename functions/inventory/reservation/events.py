"""What has happened to a reservation. Stored for ever: add fields with defaults, rename nothing."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from common.domain.message import Event
from inventory.stock.levels import ReservedItem


class ReservationEvent(Event):
    reservation_id: str
    order_id: str


class StockReserved(ReservationEvent):
    type: Literal["StockReserved"] = "StockReserved"
    items: tuple[ReservedItem, ...]
    expires_at: AwareDatetime


class ReservationExtended(ReservationEvent):
    """The customer must act on their payment: it is kept for them meanwhile."""

    type: Literal["ReservationExtended"] = "ReservationExtended"
    expires_at: AwareDatetime


class StockHeld(ReservationEvent):
    """The order is paid for: the reservation does not expire any more."""

    type: Literal["StockHeld"] = "StockHeld"


class StockReleased(ReservationEvent):
    type: Literal["StockReleased"] = "StockReleased"
    reason: str
    items: tuple[ReservedItem, ...]


class ReservationExpired(ReservationEvent):
    type: Literal["ReservationExpired"] = "ReservationExpired"
    items: tuple[ReservedItem, ...]


class StockCommitted(ReservationEvent):
    """These goods have left, in this shipment if there are several. The rest is still kept."""

    type: Literal["StockCommitted"] = "StockCommitted"
    items: tuple[ReservedItem, ...]
    shipment_id: str | None = None


class StockReturned(ReservationEvent):
    """Goods that had left are back where they were taken from."""

    type: Literal["StockReturned"] = "StockReturned"
    return_id: str
    items: tuple[ReservedItem, ...]


class ReservationRefused(ReservationEvent):
    """It was released before it was made: whoever comes to make it comes too late."""

    type: Literal["ReservationRefused"] = "ReservationRefused"


AnyReservationEvent = (
    StockReserved
    | ReservationExtended
    | StockHeld
    | StockReleased
    | ReservationExpired
    | StockCommitted
    | StockReturned
    | ReservationRefused
)
RESERVATION_EVENTS: TypeAdapter[AnyReservationEvent] = TypeAdapter(
    Annotated[AnyReservationEvent, Field(discriminator="type")]
)
