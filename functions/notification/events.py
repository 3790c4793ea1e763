"""What has been told. Stored for ever: add fields with defaults, rename nothing. No address, no text."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.domain.message import Event


class NotificationSent(Event):
    type: Literal["NotificationSent"] = "NotificationSent"
    notification_id: str
    customer_id: str
    order_id: str | None = None
    channel: str = "email"
    template: str
    subject: str


NotificationEvent = Annotated[NotificationSent, Field()]
NOTIFICATION_EVENTS: TypeAdapter[NotificationSent] = TypeAdapter(NotificationEvent)
