"""What has been told, what came back, and what customers want to be told. No address, no number, no text.

Stored for ever: add fields with defaults, rename nothing.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.domain.message import Event

Channel = Literal["email", "sms"]
Locale = Literal["en", "de"]


class NotificationSent(Event):
    type: Literal["NotificationSent"] = "NotificationSent"
    notification_id: str
    customer_id: str
    order_id: str | None = None
    channel: Channel = "email"
    template: str
    subject: str
    locale: Locale = "en"


class MailBounced(Event):
    """A mail came back. If for good (`permanent`), nothing is sent to its address any more."""

    type: Literal["MailBounced"] = "MailBounced"
    notification_id: str
    customer_id: str
    permanent: bool
    kind: str  # SES's bounceSubType


class MailComplained(Event):
    """The reader called a mail spam. Nothing is sent to its address any more."""

    type: Literal["MailComplained"] = "MailComplained"
    notification_id: str
    customer_id: str


class PreferencesChanged(Event):
    """`one_click`: by the link in a mail (RFC 8058)."""

    type: Literal["PreferencesChanged"] = "PreferencesChanged"
    customer_id: str
    email_marketing: bool
    email_order_updates: bool
    sms_order_updates: bool
    locale: Locale
    one_click: bool = False


AnyNotificationEvent = NotificationSent | MailBounced | MailComplained | PreferencesChanged
NOTIFICATION_EVENTS: TypeAdapter[AnyNotificationEvent] = TypeAdapter(
    Annotated[AnyNotificationEvent, Field(discriminator="type")]
)
