"""What changes with a reservation's events: the stock it takes, and the row that lets it expire.

pk         sk                          what
expiring   <expires_at>#<order id>     a reservation that nobody holds yet; the sweeper takes those whose time is over
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from common.domain.errors import ConcurrentWrite
from common.infrastructure.rows import Rows
from common.infrastructure.transaction import Write, delete, put
from inventory.reservation.decider import Reservation
from inventory.reservation.events import (
    AnyReservationEvent,
    ReservationExpired,
    StockCommitted,
    StockHeld,
    StockReleased,
    StockReserved,
    StockReturned,
)
from inventory.stock.levels import parts
from inventory.stock.rows import StockRows, stamp

EXPIRING = "expiring"


class ReservationRows:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._stock = StockRows(rows)

    def along(self, state: Reservation | None, events: Sequence[AnyReservationEvent], version: int) -> list[Write]:
        """For the transaction of the events."""
        assert state, "it has just been changed"
        return [write for event in events for write in self._with(event, state)]

    def _with(self, event: AnyReservationEvent, state: Reservation) -> list[Write]:
        match event:
            case StockReserved():
                return [self._expiring(event), *(self._stock.reserve(*part) for part in parts(event.items))]
            case StockHeld():
                return [self._no_longer_expiring(event.order_id, state)]
            case StockReleased() | ReservationExpired():
                given_back = [self._stock.release(*part) for part in parts(event.items)]
                return given_back if state.held else [self._no_longer_expiring(event.order_id, state), *given_back]
            case StockCommitted():
                return [self._stock.commit(*part) for part in parts(event.items)]
            case StockReturned():
                return [self._stock.take_back(*part) for part in parts(event.items)]
            case _:
                return []

    def over(self, at: datetime) -> Iterable[str]:
        """The orders whose reservation's time is over by then."""
        for row in self._rows.every(EXPIRING, between=("0", f"{stamp(at)}~")):
            yield row["order_id"]

    def _expiring(self, event: StockReserved) -> Write:
        key = _key(event.order_id, event.expires_at)
        return put(self._rows.table, {**key, "order_id": event.order_id}, _outrun())

    def _no_longer_expiring(self, order_id: str, state: Reservation) -> Write:
        assert state.expires_at, "it was reserved"
        return delete(self._rows.table, _key(order_id, state.expires_at), _outrun())


def _key(order_id: str, expires_at: datetime) -> dict[str, str]:
    return {"pk": EXPIRING, "sk": f"{stamp(expires_at)}#{order_id}"}


def _outrun() -> ConcurrentWrite:
    return ConcurrentWrite("The reservation has just changed. Try again.")
