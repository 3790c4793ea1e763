"""Whom to write to, what was written, and what is being written.

pk                 sk   what
contact#<id>       -    a customer's address and name, as identity last said; version is identity's sequence
<ntf id>           -    a notification: `sending` or `sent`; gsi1 by customer
"""

from typing import Any

from pydantic import AwareDatetime, BaseModel

from common.domain.errors import AlreadyDone
from common.domain.message import Message
from common.infrastructure.rows import THE_ONE, Page, Rows
from common.infrastructure.transaction import Write, put
from notification.events import NotificationSent


class ContactUnknown(Exception):
    """Identity's word has not come yet. The queue will bring the fact again."""


class BeingSent(Exception):
    """A twin is at it, or died at it a moment ago. The queue will bring the fact again."""


class NotificationView(BaseModel):
    notification_id: str
    channel: str
    template: str
    subject: str
    order_id: str | None = None
    sent_at: AwareDatetime


class Contact(BaseModel):
    email: str
    name: str


class Contacts:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def learn(self, message: Message) -> None:
        customer_id, data = message.data["customer_id"], message.data
        known = self._rows.get(f"contact#{customer_id}") or {}
        fresh = {name: data.get(name) or known.get(name) for name in ("email", "name")}
        if all(fresh.values()):
            self._rows.project({"pk": f"contact#{customer_id}", "sk": THE_ONE, **fresh}, message.sequence)

    def of(self, customer_id: str) -> Contact:
        row = self._rows.get(f"contact#{customer_id}")
        if row is None:
            raise ContactUnknown(customer_id)
        return Contact.model_validate(row)


class Notifications:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def begin(self, notification_id: str, *, again: bool) -> bool:
        """Whether it is ours to send: False when it was sent. Raise BeingSent while a twin may still be at it.

        `again`: whoever began has died. The mail service takes no key, so whoever finds an intent without a result
        cannot know whether its mail went out, and sends it: a mail too many is better than one too few. That is the
        only effect that may double.
        """
        row = {"pk": notification_id, "sk": THE_ONE, "status": "sending"}
        free = "attribute_not_exists(#pk) OR (#status = :sending AND :again = :yes)"
        if self._rows.put(row, free, sending="sending", again=int(again), yes=1):
            return True
        known = self._rows.get(notification_id) or {}
        if known.get("status") == "sent":
            return False
        raise BeingSent(notification_id)

    def done(self, sent: NotificationSent) -> Write:
        """To be committed with the event."""
        row = {
            "pk": sent.notification_id,
            "sk": THE_ONE,
            "status": "sent",
            "gsi1pk": f"customer#{sent.customer_id}",
            "gsi1sk": f"{sent.at.isoformat()}#{sent.notification_id}",
            **{name: getattr(sent, name) for name in ("notification_id", "channel", "template", "subject", "order_id")},
            "sent_at": sent.at.isoformat(),
        }
        return put(self._rows.table, row, AlreadyDone("It has been sent."))

    def page(self, customer_id: str, limit: int, after: dict[str, Any] | None) -> Page:
        return self._rows.query(f"customer#{customer_id}", index="gsi1", limit=limit, after=after, newest_first=True)
