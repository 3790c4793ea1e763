"""What other domains did for an order, as their events told it; and the whole story, in order.

pk              sk                     what
order#<id>      fact#<time>#<hash>     messages that came together; the hash is of their ids

A message that comes again comes with others perhaps, and then stands in two rows: readers take each once. Messages
about an order repeat each other, so their JSON is deflated (RFC 1950): several fit into one write unit.
"""

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from common.domain.message import Message
from common.infrastructure.rows import Row, Rows
from order.commands import Parcel

SPEAKS = ("order", "inventory", "payment", "shipping", "notification")
NOT_KEPT = {"postings", "shipping_address", "label_url"}  # what nobody is told here
PAYMENT_STATUS = {
    "PaymentActionRequired": "requires_action",
    "PaymentAuthorized": "authorized",
    "PaymentDeclined": "declined",
    "PaymentCaptured": "captured",
    "PaymentVoided": "voided",
    "PaymentInDoubt": "unknown",
}


class Facts:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def keep(self, messages: Iterable[Message]) -> None:
        """A row for each order. Rows with the same key say the same, so none is ever lost to another."""
        of_orders: dict[str, dict[str, Message]] = defaultdict(dict)
        for message in messages:
            if order_id := message.data.get("order_id"):
                of_orders[order_id][_name(message)] = message
        self._rows.put_all(_row(order_id, told) for order_id, told in of_orders.items())

    def of(self, order_id: str) -> "Told":
        rows = self._rows.every(f"order#{order_id}", prefix="fact#")
        told = (message for row in rows for message in json.loads(zlib.decompress(row["messages"])))
        return Told({_name(message): message for message in map(Message.model_validate, told)}.values())


def _row(order_id: str, told: Mapping[str, Message]) -> Row:
    names = sorted(told)
    first = min(message.time for message in told.values())
    return {
        "pk": f"order#{order_id}",
        "sk": f"fact#{first.isoformat()}#{sha256(json.dumps(names).encode()).hexdigest()[:16]}",
        "messages": zlib.compress(f"[{','.join(_kept(told[name]) for name in names)}]".encode()),
    }


def _name(message: Message) -> str:
    return f"{message.source}#{message.id}"


def _kept(message: Message) -> str:
    data = {name: value for name, value in message.data.items() if name not in NOT_KEPT}
    return message.model_copy(update={"data": data}).model_dump_json(exclude_defaults=True)


class Told:
    """All facts of one order, in order."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self.messages = [placed.message for placed in in_order(messages)]

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)

    @property
    def payment_status(self) -> str:
        """As payment itself would say it."""
        status, captured, refunded = "authorizing", self._money("PaymentCaptured"), self._money("PaymentRefunded")
        for message in self:
            if message.type != "PaymentVoided" or not captured:  # what captures have left is let go of
                status = PAYMENT_STATUS.get(message.type, status)
        if status == "captured" and refunded:
            return "refunded" if refunded >= captured else "partially_refunded"
        return status

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        """What has left, as shipping tells it."""
        return tuple(Parcel.model_validate(message.data) for message in self if message.type == "ShipmentDispatched")

    @property
    def money_is_held(self) -> bool:
        """At the bank, or perhaps."""
        held = self._money("PaymentAuthorized") - self._money("PaymentCaptured") - self._money("PaymentVoided")
        return held > 0 or self.payment_status in ("unknown", "requires_action")

    @property
    def money_is_kept(self) -> bool:
        """By us."""
        return self._money("PaymentCaptured") > self._money("PaymentRefunded")

    @property
    def stock_is_reserved(self) -> bool:
        reserved: Counter[str] = Counter()
        for message in self:
            if message.type == "StockReserved":
                reserved.update(_units(message))
            elif message.type in ("StockCommitted", "StockReleased", "ReservationExpired"):
                reserved.subtract(_units(message))
        return any(quantity > 0 for quantity in reserved.values())

    def _money(self, type: str) -> int:
        return sum(message.data["amount"]["amount"] for message in self if message.type == type)


def _units(message: Message) -> dict[str, int]:
    return {item["sku"]: item["quantity"] for item in message.data["items"]}


class Place(NamedTuple):
    """Where a message stands in the story."""

    at: datetime
    speaker: int
    subject: str
    sequence: int

    def as_cursor(self) -> dict[str, Any]:
        return {**self._asdict(), "at": self.at.isoformat()}

    @classmethod
    def from_cursor(cls, cursor: dict[str, Any]) -> "Place":
        return cls(**{**cursor, "at": datetime.fromisoformat(cursor["at"])})


class Placed(NamedTuple):
    place: Place
    message: Message


def in_order(messages: Iterable[Message]) -> list[Placed]:
    """By time, and within an aggregate always in its own order, whatever the clocks said.

    At the same moment the order speaks first and the mail comes last.
    """
    latest: dict[str, datetime] = {}
    placed = []
    for message in sorted(messages, key=lambda message: (message.subject, message.sequence)):
        at = latest[message.subject] = max(message.time, latest.get(message.subject, message.time))
        where = Place(at, SPEAKS.index(message.source), message.subject, message.sequence)
        placed.append(Placed(where, message))
    return sorted(placed, key=lambda one: one.place)


class StoryPage(NamedTuple):
    messages: list[Message]
    after: dict[str, Any] | None  # where the next page starts


def page(story: Sequence[Placed], limit: int, after: dict[str, Any] | None) -> StoryPage:
    rest = [one for one in story if after is None or one.place > Place.from_cursor(after)]
    shown = rest[:limit]
    return StoryPage([one.message for one in shown], shown[-1].place.as_cursor() if len(rest) > limit else None)
