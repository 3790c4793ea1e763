"""When to look at which reservation: it may have expired by then.

    pk                  sk         what
    expiring#<lane>     <minute>   a set of orders whose reservations, as they were made, end in that minute

The consumer keeps these rows, an update for all the reservations of a batch, and holding or releasing leaves them
alone: a note says when to look, and the reservation's own stream says what is. Lanes keep a shop's reservations from
meeting in one partition.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from zlib import crc32

from common.infrastructure.rows import Rows
from inventory.stock.times import stamp

LANES = 4  # of 1,000 write units a second each; a note costs one or less


class Note(NamedTuple):
    """Look at these orders' reservations, from that minute on."""

    lane: str
    minute: str
    orders: tuple[str, ...]


class ExpiryNotes:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def note(self, expiries: Mapping[str, datetime]) -> None:
        """By order. Noted twice, it is noted once."""
        minutes: dict[str, set[str]] = defaultdict(set)
        for order_id, expires_at in expiries.items():
            minutes[minute(expires_at)].add(order_id)
        for when, orders in minutes.items():
            lane = crc32(min(orders).encode()) % LANES
            self._rows.update(f"expiring#{lane}", when, "ADD #orders :orders", "", orders=orders)

    def due(self, at: datetime) -> Iterator[Note]:
        """Some of their reservations may end a moment later still."""
        for lane in range(LANES):
            for row in self._rows.every(f"expiring#{lane}", between=("0", minute(at))):
                yield Note(row["pk"], row["sk"], tuple(row["orders"]))

    def done(self, note: Note) -> None:
        """Strike it off, unless more has been noted since it was read."""
        self._rows.delete(note.lane, note.minute, "size(#orders) = :seen", seen=len(note.orders))


def minute(at: datetime) -> str:
    return stamp(at.replace(second=0, microsecond=0))
