"""The audit trail: what people with a role did, in every domain, as the events say whose doing they were.

pk               sk   what
audit#<event>    -    one event; gsi1 by who did it, gsi2 all of them, both by time

It names things by their ids and gives figures; words that somebody typed are left where the event has them.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel

from common.domain.message import Message
from common.infrastructure.rows import THE_ONE, Page, Rows

TOLD = {
    "customer_id", "sid", "order_id", "payment_id", "refund_id", "return_id", "shipment_id", "product_id", "import_id",
    "sku", "code", "warehouse_id", "delta", "price", "amount", "roles", "status", "cause",
}  # fmt: skip
FIRST, LAST = "0000", "9999"  # before and after every time


class AuditEntry(BaseModel):
    event_id: str
    at: AwareDatetime
    actor: str
    actor_role: str
    action: str
    domain: str
    subject: str
    details: dict[str, Any]
    correlation_id: str
    causation_id: str


class AuditTrail:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def keep(self, message: Message) -> None:
        """Heard again, it is the same row."""
        entry = AuditEntry(
            event_id=message.id,
            at=message.time,
            actor=message.actor,
            actor_role=message.actor_role,
            action=message.type,
            domain=message.source,
            subject=message.subject,
            details=_told(message.data),
            correlation_id=message.correlation_id,
            causation_id=message.causation_id,
        )
        when = f"{_sortable(message.time)}#{message.source}#{message.id}"
        self._rows.put(
            {
                "pk": f"audit#{message.source}#{message.id}",
                "sk": THE_ONE,
                "gsi1pk": f"audit#{message.actor}",
                "gsi1sk": when,
                "gsi2pk": "audit",
                "gsi2sk": when,
                **entry.model_dump(mode="json"),
            }
        )

    def page(
        self,
        actor: str | None,
        since: datetime | date | None,
        until: datetime | date | None,
        limit: int,
        after: dict[str, Any] | None,
    ) -> Page:
        """The newest first. A day counts wholly."""
        low = _sortable(_start(since)) if since else FIRST
        high = f"{_sortable(_end(until))}~" if until else LAST
        if low > high:
            return Page([], None)
        index, pk = ("gsi1", f"audit#{actor}") if actor else ("gsi2", "audit")
        return self._rows.query(pk, index=index, between=(low, high), limit=limit, after=after, newest_first=True)


def _told(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name in TOLD}


def _start(moment: datetime | date) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), UTC)


def _end(moment: datetime | date) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), UTC) + timedelta(days=1, milliseconds=-1)


def _sortable(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
