"""The stock that changes with a reservation's events."""

from collections.abc import Sequence

from common.infrastructure.transaction import Write
from inventory.reservation.events import (
    AnyReservationEvent,
    ReservationExpired,
    StockCommitted,
    StockReleased,
    StockReserved,
    StockReturned,
)
from inventory.stock.levels import parts
from inventory.stock.rows import StockRows


def along(stock: StockRows, events: Sequence[AnyReservationEvent]) -> list[Write]:
    """For the transaction of the events."""
    return [write for event in events for write in _with(stock, event)]


def _with(stock: StockRows, event: AnyReservationEvent) -> list[Write]:
    match event:
        case StockReserved():
            return [stock.reserve(*part) for part in parts(event.items)]
        case StockReleased() | ReservationExpired():
            return [stock.release(*part) for part in parts(event.items)]
        case StockCommitted():
            return [stock.commit(*part) for part in parts(event.items)]
        case StockReturned():
            return [stock.take_back(*part) for part in parts(event.items)]
        case _:
            return []
