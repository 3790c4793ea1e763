"""Daybooks: every event counted once, many with one write.

A daybook is a log of one day (UTC, of the event's own time) and one shard. Each batch appends an entry, which holds
the ids that it counts and their figures together, so neither is written without the other:

    <generation>#daybook#2026-01-05#0  0000000001    ids=…  figures=…
    <generation>#daybook#2026-01-05#0  0000000002    ids=…  figures=…
    <generation>#daybook#2026-01-05#0  0000000003    closed
    <generation>#open                  2026-01-05#0  while there are entries that its digest lacks
    <generation>#digest                2026-01-05#0  version=2  figures=…   the sum of its entries up to a version
    <generation>#buyers#0              2026-01-05    who bought that day, and on no day before, as far as was known

Entries are numbered, never changed, and put on the condition that their number is free, so whoever succeeds has seen
all that came before: an id that is not among those is new. What a consumer has seen it remembers; it reads only what
others have added. An event belongs to one daybook for ever, so it is found again years later.

A reader needs the digests of its period and the entries that they lack. Those are few: every so many entries a digest
is written, and a day is closed when one begins that is two days younger. Late events open it again.
"""

import contextlib
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple
from zlib import crc32

from analytics.figures import BUYER_BYTES, Figures, figures_of, sliced
from common.application.command_handler import again_if_outrun
from common.domain.errors import ConcurrentWrite
from common.domain.message import Message
from common.infrastructure.rows import Row, Rows
from common.infrastructure.transaction import MISSING, delete, put

SHARDS: Final = 4  # of a day, so that consumers that count at the same time seldom meet
ID_BYTES: Final = 12  # of a hash: of a million ids in a daybook, two share one with a likelihood of 1 in 10^17
DIGEST_EVERY: Final = 32  # entries
LARGEST_DIGEST: Final = 350 * 1024  # bytes; an item may have 400 KB
REMEMBERED: Final = 24  # daybooks
ATTEMPTS: Final = 10  # to append, when others append as well
SETTLED: Final = timedelta(days=2)


class Shelf(NamedTuple):
    """Which daybook. A generation is one set of figures; a rebuild makes another beside it."""

    generation: str
    day: str
    shard: int

    @property
    def pk(self) -> str:
        return f"{self.generation}#daybook#{self.day}#{self.shard}"

    @property
    def name(self) -> str:
        return f"{self.day}#{self.shard}"

    @classmethod
    def named(cls, generation: str, name: str) -> "Shelf":
        day, _, shard = name.partition("#")
        return cls(generation, day, int(shard))


class Fact(NamedTuple):
    """An event, reduced to what counting it needs."""

    id: bytes
    day: str
    shard: int
    figures: Figures

    @classmethod
    def of(cls, message: Message) -> "Fact | None":
        """None if there is nothing to count about it."""
        figures = figures_of(message)
        if not figures.counts:
            return None
        id = sha256(f"{message.source}#{message.id}".encode()).digest()[:ID_BYTES]
        return cls(id, f"{message.time:%Y-%m-%d}", crc32(message.subject.encode()) % SHARDS, figures)


@dataclass
class Daybook:
    """What is known of one, up to its last entry that has been seen."""

    shelf: Shelf
    version: int = 0
    is_open: bool = False  # its last entry is no closing one
    ids: set[bytes] = field(default_factory=set)
    figures: Figures = field(default_factory=Figures)

    def append(self, entry: Mapping[str, Any]) -> None:
        self.version += 1
        self.is_open = "ids" in entry
        if self.is_open:
            self.ids.update(sliced(entry["ids"], ID_BYTES))
            self.figures.add(Figures.unpacked(entry["figures"]))

    def next(self, facts: Iterable[Fact] = ()) -> Row:
        """The entry that counts these, or the closing one."""
        row: Row = {"pk": self.shelf.pk, "sk": numbered(self.version + 1)}
        if not facts:
            return row | {"closed": True}
        figures = Figures()
        for fact in facts:
            figures.add(fact.figures)
        return row | {"ids": b"".join(fact.id for fact in facts), "figures": figures.packed()}


def numbered(version: int) -> str:
    return f"{version:010}"


class Daybooks:
    """The same instance serves one execution environment for as long as it lives, and remembers what it has seen."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._seen: OrderedDict[Shelf, Daybook] = OrderedDict()

    def count(self, generation: str, facts: Iterable[Fact]) -> None:
        """Those that are new there. A failure leaves some counted and some not: the same facts again mend it."""
        parts: dict[Shelf, dict[bytes, Fact]] = defaultdict(dict)
        for fact in facts:
            parts[Shelf(generation, fact.day, fact.shard)][fact.id] = fact
        shelves = sorted(parts)
        start = crc32(b"".join(parts[shelves[0]])) % len(shelves) if shelves else 0
        for shelf in shelves[start:] + shelves[:start]:  # batches that are counted at once begin at different shelves
            self._append(shelf, list(parts[shelf].values()))

    def rows_of(self, generation: str) -> Iterator[Row]:
        """All that there is of it; of each daybook the entries first, so that it is found again until it is gone."""
        marks = [row for kind in ("open", "digest") for row in self._rows.every(f"{generation}#{kind}")]
        for name in sorted({row["sk"] for row in marks}):
            yield from self._rows.every(Shelf.named(generation, name).pk)
            yield from (row for row in marks if row["sk"] == name)
        for shard in range(SHARDS):
            yield from self._rows.every(f"{generation}#buyers#{shard}")

    def _append(self, shelf: Shelf, facts: Sequence[Fact]) -> None:
        opened = again_if_outrun(lambda: self._try_to_append(shelf, facts), ATTEMPTS)
        if opened:
            self._close_those_before(shelf)
        elif self._seen[shelf].version % DIGEST_EVERY == 0:
            self._digest(self._seen[shelf])

    def _try_to_append(self, shelf: Shelf, facts: Sequence[Fact]) -> bool:
        """True if that opened the daybook. Raise ConcurrentWrite, having read on, if others were faster.

        When the SDK repeats a put whose answer was lost, what was faster is our own first one: its ids are read then.
        """
        book = self._book(shelf)
        new = [fact for fact in facts if fact.id not in book.ids]
        if not new:
            return False
        entry, opens = book.next(new), not book.is_open
        try:
            if opens:
                mark = {"pk": f"{shelf.generation}#open", "sk": shelf.name}
                self._rows.commit(
                    [put(self._rows.table, entry, outrun(), MISSING), put(self._rows.table, mark, outrun())]
                )
            elif not self._rows.put(entry, MISSING):
                raise outrun()
        except ConcurrentWrite:
            self._read_on(book)
            raise
        book.append(entry)
        return opens

    def _book(self, shelf: Shelf) -> Daybook:
        if shelf not in self._seen:
            book = Daybook(shelf)
            self._read_on(book)
            self._seen[shelf] = book
        self._seen.move_to_end(shelf)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return self._seen[shelf]

    def _read_on(self, book: Daybook) -> None:
        after = (numbered(book.version + 1), numbered(10**10 - 1))
        for entry in self._rows.every(book.shelf.pk, between=after):
            book.append(entry)

    def _digest(self, book: Daybook) -> None:
        """Unless a newer one stands there, or this is too large: then it is the reader who sums up."""
        row = digest(book, book.version)
        if len(row["figures"]) <= LARGEST_DIGEST:
            self._rows.project(row, book.version)

    def _close_those_before(self, shelf: Shelf) -> None:
        """To close is to save readers work, so whoever is outrun leaves it to the next."""
        settled = (date.fromisoformat(shelf.day) - SETTLED).isoformat()
        for row in self._rows.every(f"{shelf.generation}#open"):
            other = Shelf.named(shelf.generation, row["sk"])
            if other.shard == shelf.shard and other.day <= settled:
                with contextlib.suppress(ConcurrentWrite):
                    self._close(self._book(other))

    def _close(self, book: Daybook) -> None:
        """The closing entry, the digest, that day's first buyers and its leaving the open ones are one transaction."""
        shelf, row = book.shelf, digest(book, book.version + 1)
        if not book.is_open or len(row["figures"]) > LARGEST_DIGEST:
            return
        entry, table = book.next(), self._rows.table
        buyers = {"pk": f"{shelf.generation}#buyers#{shelf.shard}", "sk": shelf.day, "buyers": self._first_buyers(book)}
        try:
            self._rows.commit(
                [
                    put(table, entry, outrun(), MISSING),
                    put(table, row, outrun()),
                    put(table, buyers, outrun()),
                    delete(table, {"pk": f"{shelf.generation}#open", "sk": shelf.name}, outrun()),
                ]
            )
        except ConcurrentWrite:
            self._read_on(book)
            raise
        book.append(entry)

    def _first_buyers(self, book: Daybook) -> bytes:
        day_before = (date.fromisoformat(book.shelf.day) - timedelta(days=1)).isoformat()
        known = buyers_until(self._rows, book.shelf.generation, book.shelf.shard, day_before)
        return b"".join(sorted(book.figures.buyers - known))


def digest(book: Daybook, version: int) -> Row:
    figures = book.figures.packed()
    return {"pk": f"{book.shelf.generation}#digest", "sk": book.shelf.name, "figures": figures, "version": version}


def buyers_until(rows: Rows, generation: str, shard: int, last: str) -> set[bytes]:
    """Who bought in that shard by the end of that day, but for days that are open."""
    found = rows.every(f"{generation}#buyers#{shard}", between=("0000-00-00", last))
    return {one for row in found for one in sliced(row["buyers"], BUYER_BYTES)}


def outrun() -> ConcurrentWrite:
    return ConcurrentWrite("Others count as well.")
