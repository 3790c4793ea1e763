"""The rules of a reservation. Pure: no clock, no random ids, no AWS.

    (none) ─▶ reserved ─▶ held ─▶ committed     all that was kept has left, in one parcel or in several
       │         │  │       │
       │         │  └───────┴───▶ released      the order was rejected or cancelled, or the rest is not wanted
       │         └──────────────▶ expired       nobody paid within 15 minutes, or longer if the bank asks questions
       └────────────────────────▶ refused       released before it was reserved

It ends once. Whether hold or expiry came first, this stream decides; a reservation whose time is over is closed
for all who come later, swept or not. What has left may come back, however the rest ended.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, assert_never

from common.domain.decider import Decider
from common.domain.errors import Conflict, NotFound
from inventory.reservation.commands import (
    AnyReservationCommand,
    CommitStock,
    ExpireReservation,
    ExtendReservation,
    HoldStock,
    ReleaseStock,
    ReserveStock,
    RestockReturn,
)
from inventory.reservation.events import (
    AnyReservationEvent,
    ReservationExpired,
    ReservationExtended,
    ReservationRefused,
    StockCommitted,
    StockHeld,
    StockReleased,
    StockReserved,
    StockReturned,
)
from inventory.reservation.portions import lacking, portion, together, without
from inventory.stock.allocation import allocate, short_of
from inventory.stock.levels import ReservedItem

KEPT_FOR = timedelta(minutes=15)
KEPT_AT_MOST = timedelta(hours=1)  # however often it is extended
MAX_ALLOCATIONS = 99  # DynamoDB commits at most 100 writes at once, and the event is one

Status = Literal["reserved", "held", "committed", "released", "expired", "refused"]


@dataclass(frozen=True)
class Reservation:
    status: Status
    items: tuple[ReservedItem, ...] = ()  # that are kept, or were when it ended
    reserved_at: datetime | None = None
    expires_at: datetime | None = None  # unless it is held by then
    held: bool = False
    sold: tuple[ReservedItem, ...] = ()  # that have left, and have not come back
    shipments: frozenset[str] = frozenset()
    returns: frozenset[str] = frozenset()


class OutOfStock(Conflict): ...


class ReservationClosed(Conflict):
    """It was released or has expired: what was kept is not kept any more."""


class StockAlreadyCommitted(Conflict): ...


class NotReserved(Conflict):
    """More is to leave than is kept for the order."""


class NotSold(Conflict):
    """More is to come back than has left."""


def decide(command: AnyReservationCommand, reservation: Reservation | None) -> list[AnyReservationEvent]:
    """Return what happens, or [] if it already has, or raise if it may not."""
    match command:
        case ReserveStock():
            return _reserve(command, reservation)
        case HoldStock():
            return _hold(command, reservation)
        case ReleaseStock():
            return _release(command, reservation)
        case CommitStock():
            return _commit(command, reservation)
        case RestockReturn():
            return _restock(command, reservation)
        case ExtendReservation():
            return _extend(command, reservation)
        case ExpireReservation():
            return _expire(command, reservation)
        case _:
            assert_never(command)


def _of(command: AnyReservationCommand) -> dict[str, object]:
    return {"reservation_id": command.reservation_id, "order_id": command.order_id, "at": command.at}


def _reserve(command: ReserveStock, reservation: Reservation | None) -> list[AnyReservationEvent]:
    if reservation is not None:
        _refuse_if_closed(reservation)
        return []
    wanted = {item.sku: item.quantity for item in command.items}
    if short := short_of(wanted, command.levels):
        raise OutOfStock(f"There is not enough of {', '.join(short)}.")
    found = allocate(wanted, command.levels)
    if sum(map(len, found.values())) > MAX_ALLOCATIONS:
        raise OutOfStock("The goods lie in too many places to be reserved together.")
    items = tuple(ReservedItem(sku=sku, quantity=wanted[sku], allocations=taken) for sku, taken in found.items())
    return [StockReserved(**_of(command), items=items, expires_at=command.at + KEPT_FOR)]


def _extend(command: ExtendReservation, reservation: Reservation | None) -> list[AnyReservationEvent]:
    """What is held needs no more time, and what has ended gets none: whoever comes to hold it will be told."""
    if reservation is None:
        raise NotFound("Nothing is reserved for this order.")
    if reservation.status != "reserved" or _is_over(reservation, command.at):
        return []
    assert reservation.reserved_at and reservation.expires_at, "it was reserved"
    expires_at = min(command.until, reservation.reserved_at + KEPT_AT_MOST)
    if expires_at <= reservation.expires_at:
        return []
    return [ReservationExtended(**_of(command), expires_at=expires_at)]


def _hold(command: HoldStock, reservation: Reservation | None) -> list[AnyReservationEvent]:
    found = _open(command, reservation)
    return [StockHeld(**_of(command))] if found.status == "reserved" else []


def _release(command: ReleaseStock, reservation: Reservation | None) -> list[AnyReservationEvent]:
    if reservation is None:
        return [ReservationRefused(**_of(command))]
    match reservation.status:
        case "reserved" | "held":
            return [StockReleased(**_of(command), reason=command.reason, items=reservation.items)]
        case "released" | "expired" | "refused":
            return []
        case "committed":
            raise StockAlreadyCommitted("The goods have left.")
        case _:
            assert_never(reservation.status)


def _commit(command: CommitStock, reservation: Reservation | None) -> list[AnyReservationEvent]:
    if reservation and command.shipment_id in reservation.shipments:
        return []
    found = _open(command, reservation)
    if command.items is None and found.status == "committed":
        return []
    if short := lacking(command.items or (), found.items):
        raise NotReserved(f"Less is kept than is to leave of {', '.join(short)}.")
    leaving = found.items if command.items is None else portion(found.items, command.items)
    left = StockCommitted(**_of(command), items=leaving, shipment_id=command.shipment_id)
    return [left] if found.held else [StockHeld(**_of(command)), left]


def _restock(command: RestockReturn, reservation: Reservation | None) -> list[AnyReservationEvent]:
    if reservation is None:
        raise NotFound("Nothing was reserved for this order.")
    if command.return_id in reservation.returns:
        return []
    if short := lacking(command.items, reservation.sold):
        raise NotSold(f"Less has left than is to come back of {', '.join(short)}.")
    back = portion(reservation.sold, command.items)
    return [StockReturned(**_of(command), return_id=command.return_id, items=back)]


def _expire(command: ExpireReservation, reservation: Reservation | None) -> list[AnyReservationEvent]:
    if reservation is None or reservation.status != "reserved" or not _is_over(reservation, command.at):
        return []
    return [ReservationExpired(**_of(command), items=reservation.items)]


def _open(command: AnyReservationCommand, reservation: Reservation | None) -> Reservation:
    if reservation is None:
        raise NotFound("Nothing is reserved for this order.")
    _refuse_if_closed(reservation)
    if reservation.status == "reserved" and _is_over(reservation, command.at):
        raise ReservationClosed("The reservation's time is over.")
    return reservation


def _refuse_if_closed(reservation: Reservation) -> None:
    if reservation.status in ("released", "expired", "refused"):
        raise ReservationClosed(f"The reservation is {reservation.status}.")


def _is_over(reservation: Reservation, at: datetime) -> bool:
    return reservation.expires_at is not None and at >= reservation.expires_at


def evolve(reservation: Reservation | None, event: AnyReservationEvent) -> Reservation:
    match event:
        case StockReserved():
            return Reservation("reserved", event.items, event.at, event.expires_at)
        case ReservationRefused():
            return Reservation("refused")
    assert reservation, "a stream begins with one of the two above"
    match event:
        case ReservationExtended():
            return replace(reservation, expires_at=event.expires_at)
        case StockHeld():
            return replace(reservation, status="held", held=True)
        case StockReleased():
            return replace(reservation, status="released")
        case ReservationExpired():
            return replace(reservation, status="expired")
        case StockCommitted():
            return _left(reservation, event)
        case StockReturned():
            sold = without(reservation.sold, event.items)
            return replace(reservation, sold=sold, returns=reservation.returns | {event.return_id})
        case _:
            assert_never(event)


def _left(reservation: Reservation, event: StockCommitted) -> Reservation:
    kept = without(reservation.items, event.items)
    return replace(
        reservation,
        status="held" if kept else "committed",
        items=kept,
        sold=together(reservation.sold, event.items),
        shipments=reservation.shipments | ({event.shipment_id} if event.shipment_id else set()),
    )


decider: Decider[AnyReservationCommand, Reservation | None, AnyReservationEvent] = Decider(None, decide, evolve)
