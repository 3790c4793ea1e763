"""Whom to write to, what was written, and what is being written.

pk                    sk   what
contact#<id>          -    a customer's address and name, as identity last said; version is identity's sequence
notification#<id>     -    `sending`, and then `sent` with what it was; gsi1 by customer
"""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from common.domain.errors import ConcurrentWrite
from common.domain.message import Message
from common.infrastructure.rows import THE_ONE, Page, Rows
from common.infrastructure.transaction import Write, put
from notification.events import Channel, NotificationSent


class ContactUnknown(Exception):
    """Identity's word has not come yet. The queue will bring the fact again."""


class BeingSent(Exception):
    """A twin is at it, or died at it a moment ago. The queue will bring the fact again."""


class Contact(BaseModel):
    email: str
    name: str


class Contacts:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def learn(self, message: Message) -> None:
        """Old news changes nothing. Raise ContactUnknown when a new name comes before the address it belongs to."""
        pk, said = f"contact#{message.data['customer_id']}", message.data
        if "email" in said:
            contact = Contact.model_validate(said)
            self._rows.project({"pk": pk, "sk": THE_ONE, **contact.model_dump()}, message.sequence)
            return
        known = {"name": said["name"], "version": message.sequence}
        if not self._rows.update(
            pk, THE_ONE, "SET #name = :name, #version = :version", "#version < :version", **known
        ) and not self._rows.get(pk):
            raise ContactUnknown(message.subject)

    def of(self, customer_id: str) -> Contact:
        row = self._rows.get(f"contact#{customer_id}")
        if row is None:
            raise ContactUnknown(customer_id)
        return Contact.model_validate(row)


class NotificationView(BaseModel):
    notification_id: str
    channel: Channel
    template: str
    subject: str
    order_id: Annotated[str | None, Field(exclude_if=lambda order_id: order_id is None)] = None
    sent_at: AwareDatetime


class Notifications:
    """The intent comes before the mail, the result after it. SES takes no key and cannot be asked what it has sent.

    So there is one case that nobody can decide: an intent without a result. Its mail may have left, or not. Then it
    is sent again, because a confirmation twice does less harm than none; both carry the notification's id in a
    header and a tag. That is the only effect of the platform that may double: after a crash, or an answer lost,
    between SES's taking the mail and our writing that down.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def begin(self, notification_id: str, *, again: bool) -> bool:
        """Whether it is to be sent now: False when it has been. Raise BeingSent when a twin may be at it.

        `again` says that whoever wrote an intent is dead by now: this attempt was hidden until then. The first
        attempt of a message that came twice knows no such thing, and leaves the other one alone.
        """
        row = {"pk": _pk(notification_id), "sk": THE_ONE, "status": "sending"}
        free = "attribute_not_exists(#pk) OR (#status = :sending AND :again = :true)"
        if self._rows.put(row, free, sending="sending", again=again, true=True):
            return True
        if self.was_sent(notification_id):
            return False
        raise BeingSent(notification_id)

    def was_sent(self, notification_id: str) -> bool:
        row = self._rows.get(_pk(notification_id))
        return row is not None and row["status"] == "sent"

    def sent(self, sent: NotificationSent) -> Write:
        """Unconditional, to be committed with the event: the stream has room for one."""
        view = NotificationView(**sent.model_dump(), sent_at=sent.at).model_dump(mode="json")
        row = {
            "pk": _pk(sent.notification_id),
            "sk": THE_ONE,
            "status": "sent",
            "gsi1pk": f"customer#{sent.customer_id}",
            "gsi1sk": f"{sent.at.isoformat(timespec='milliseconds')}#{sent.notification_id}",
            **view,
        }
        return put(self._rows.table, row, ConcurrentWrite("A twin has just sent it."))

    def page(self, customer_id: str, limit: int, after: dict[str, Any] | None) -> Page:
        return self._rows.query(f"customer#{customer_id}", index="gsi1", limit=limit, after=after, newest_first=True)


def _pk(notification_id: str) -> str:
    return f"notification#{notification_id}"
