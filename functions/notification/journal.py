"""What is being sent, was sent, and came back.

pk                    sk   what
notification#<id>     -    what it is: `sending`, and then `sent`; gsi1 by customer from then on
"""

from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel

from common.domain.errors import ConcurrentWrite
from common.domain.message import Origin
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.rows import THE_ONE, Row, Rows
from notification.events import AnyNotificationEvent, Channel, Locale, NotificationSent

ACTOR = "notification.consumer"


class BeingSent(Exception):
    """A twin is at it, or died at it a moment ago. The queue will bring the fact again."""


class Intent(BaseModel):
    """All that its event will say, kept before it is sent: whoever learns that it has left can write that down."""

    notification_id: str
    customer_id: str
    order_id: str | None
    channel: Channel
    template: str
    subject: str
    locale: Locale
    address: str | None  # the MAC of where a mail goes to, by which it can be stopped
    correlation_id: str
    causation_id: str

    @property
    def origin(self) -> Origin:
        return Origin(actor=ACTOR, correlation_id=self.correlation_id, causation_id=self.causation_id)


class Entry(NamedTuple):
    intent: Intent
    is_sent: bool


class Journal:
    """The intent comes before the message, the result after it. Neither SES nor SNS takes a key or can be asked.

    So there is a doubt: an intent without a result. Its message may have left, or not. SES tells what it has sent,
    a little later, and that settles it for mails. What it has not told of when the queue brings the fact again is
    sent again, because a confirmation twice does less harm than none; both carry the notification's id. See
    docs/decisions/0007-a-mail-may-double.md.

    The result is the event. The row follows it; who finds the event without it, writes it.
    """

    def __init__(self, rows: Rows, streams: DynamoRepository[AnyNotificationEvent]) -> None:
        self._rows = rows
        self._streams = streams

    def begin(self, intent: Intent, *, again: bool) -> bool:
        """Whether it is to be sent now: False when it has been. Raise BeingSent when a twin may be at it.

        `again` says that whoever wrote an intent is dead by now: this attempt was hidden until then. The first
        attempt of a message that came twice knows no such thing, and leaves the other one alone.
        """
        if again and self._was_sent(intent):
            return False
        row = {**_key(intent.notification_id), "status": "sending", **intent.model_dump()}
        free = "attribute_not_exists(#pk) OR (#status = :sending AND :again = :true)"
        if self._rows.put(row, free, sending="sending", again=again, true=True):
            return True
        if self._was_sent(intent):
            return False
        raise BeingSent(intent.notification_id)

    def sent(self, intent: Intent, at: datetime) -> None:
        """Write down that it has left. Who comes second changes nothing."""
        sent = NotificationSent(**intent.model_dump(include=set(NotificationSent.model_fields)), at=at)
        try:
            self._streams.save(intent.notification_id, 0, [sent], intent.origin)
        except ConcurrentWrite:
            if not self._was_sent(intent):
                raise
        else:
            self._show(intent, at)

    def find(self, notification_id: str) -> Entry | None:
        row = self._rows.get(f"notification#{notification_id}")
        return Entry(Intent.model_validate(row), row["status"] == "sent") if row else None

    def _was_sent(self, intent: Intent) -> bool:
        for event in self._streams.load(intent.notification_id):
            self._show(intent, event.at)
            return True
        return False

    def _show(self, intent: Intent, at: datetime) -> None:
        row: Row = {
            **_key(intent.notification_id),
            "status": "sent",
            "gsi1pk": f"customer#{intent.customer_id}",
            "gsi1sk": f"{at.isoformat(timespec='milliseconds')}#{intent.notification_id}",
            "sent_at": at.isoformat().replace("+00:00", "Z"),
            **intent.model_dump(),
        }
        self._rows.put(row)


def _key(notification_id: str) -> Row:
    return {"pk": f"notification#{notification_id}", "sk": THE_ONE}
