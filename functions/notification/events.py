"""What has been told. Stored for ever: add fields with defaults, rename nothing. No address, no text."""

from typing import Literal

from pydantic import TypeAdapter

from common.domain.message import Event

Channel = Literal["email"]


class NotificationSent(Event):
    type: Literal["NotificationSent"] = "NotificationSent"
    notification_id: str
    customer_id: str
    order_id: str | None = None
    channel: Channel = "email"
    template: str
    subject: str


NOTIFICATION_EVENTS: TypeAdapter[NotificationSent] = TypeAdapter(NotificationSent)
