"""The books, kept from events: a journal of postings by day, their balances, and what became of orders.

Rows in the state table:

    pk              sk               what
    journal#<day>   <event id>       the postings of one event, kept for ever; it is also the mark that they are counted
    ledger          <day>#<shard>    sums of a day's postings, an attribute per account and currency, as in `holds_EUR`
    order#<id>      <event type>     that an order was confirmed, shipped, or ended; gsi1 lists a day's
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from pydantic import TypeAdapter

from common.application.ports import Write
from common.domain.errors import AlreadyDone, ConcurrentWrite
from common.domain.ledger import Posting, balances
from common.domain.message import Message
from common.domain.money import Money
from common.infrastructure.rows import Row, Rows
from common.infrastructure.transaction import MISSING, put, update

LEDGER = "ledger"
SHARDS = 4  # one row takes 500 transactions a second
TOGETHER = 50  # events that are posted in one of them; it may have 100 writes
POSTINGS: TypeAdapter[list[Posting]] = TypeAdapter(list[Posting])

Sums = dict[tuple[str, str], int]  # minor units by account and currency


@dataclass(frozen=True)
class Entry:
    """A journal entry: what one event posted."""

    event_id: str  # `pay_1#2`
    payment_id: str
    postings: tuple[Posting, ...]


class Ledger:
    """Balances, folded from the postings in the events. In shards, so that payments do not queue for one row."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def post(self, messages: Iterable[Message]) -> None:
        """Those of a shard together, with its sums. What was posted before raises AlreadyDone for all of a shard."""
        of_shards: dict[str, dict[str, Message]] = defaultdict(dict)
        for message in messages:
            of_shards[_shard(message)][message.id] = message
        for shard, by_id in of_shards.items():
            some = list(by_id.values())
            for start in range(0, len(some), TOGETHER):
                self._rows.commit(self._posting(shard, some[start : start + TOGETHER]))

    def _posting(self, shard: str, messages: Sequence[Message]) -> Sequence[Write]:
        posted = [(message, POSTINGS.validate_python(message.data["postings"])) for message in messages]
        total = summed(chain.from_iterable(postings for _, postings in posted))
        sums = {f"{account}_{currency}": amount for (account, currency), amount in total.items()}
        entries = [self._entry(message, postings) for message, postings in posted]
        change = "ADD " + ", ".join(f"#{name} :{name}" for name in sums)
        outrun = ConcurrentWrite("Others post to this shard.")
        return [*entries, update(self._rows.table, {"pk": LEDGER, "sk": shard}, change, outrun, **sums)]

    def _entry(self, message: Message, postings: list[Posting]) -> Write:
        key = {"pk": f"journal#{message.time.date().isoformat()}", "sk": message.id}
        row = {**key, "payment_id": message.subject, "postings": POSTINGS.dump_python(postings, mode="json")}
        return put(self._rows.table, row, AlreadyDone(f"{message.id} has been posted."), MISSING)

    def sums(self, day: date | None = None) -> Sums:
        """Of one day, or of all. They sum to zero in each currency."""
        total: Counter[tuple[str, str]] = Counter()
        for row in self._rows.every(LEDGER, prefix=f"{day.isoformat()}#" if day else ""):
            for name, amount in row.items():
                if re.fullmatch(r"\w+_[A-Z]{3}", name):
                    account, _, currency = name.rpartition("_")
                    total[account, currency] += amount
        return dict(total)

    def journal(self, day: date) -> Iterator[Entry]:
        for row in self._rows.every(f"journal#{day.isoformat()}"):
            yield Entry(row["sk"], row["payment_id"], tuple(POSTINGS.validate_python(row["postings"])))


@dataclass(frozen=True)
class OrderSeen:
    """What became of an order, as far as money is concerned."""

    order_id: str
    total: Money | None = None  # known once it is confirmed
    confirmed: bool = False
    shipped: bool = False
    ended: bool = False  # cancelled, or rejected and undone


class OrdersSeen:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def see(self, messages: Iterable[Message]) -> None:
        """The same again is the same row."""
        rows = map(_row, messages)
        self._rows.put_all({(row["pk"], row["sk"]): row for row in rows}.values())

    def of(self, order_id: str) -> OrderSeen:
        return _seen(order_id, {row["sk"]: row for row in self._rows.every(f"order#{order_id}")})

    def on(self, day: date) -> set[str]:
        """The ids of the orders that something became of."""
        return {str(row["gsi1sk"]) for row in self._rows.every(f"orders#{day.isoformat()}", index="gsi1")}


def _row(message: Message) -> Row:
    day, order_id = message.time.date().isoformat(), message.data["order_id"]
    row = {"pk": f"order#{order_id}", "sk": message.type, "gsi1pk": f"orders#{day}", "gsi1sk": order_id}
    return row | {"total": message.data["total"]} if message.type == "OrderConfirmed" else row


def _seen(order_id: str, rows: Mapping[str, Mapping[str, Any]]) -> OrderSeen:
    confirmed = rows.get("OrderConfirmed")
    return OrderSeen(
        order_id=order_id,
        total=Money.model_validate(confirmed["total"]) if confirmed else None,
        confirmed=confirmed is not None,
        shipped="OrderShipped" in rows,
        ended="OrderCancelled" in rows or "OrderClosed" in rows,
    )


def _shard(message: Message) -> str:
    return f"{message.time.date().isoformat()}#{int(message.subject[-1], 36) % SHARDS}"


def summed(postings: Iterable[Posting]) -> Sums:
    return {key: money.amount for key, money in balances(postings).items()}
