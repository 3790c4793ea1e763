"""What customers may ask: how they are told things, and no longer to be told them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from common.domain.message import Command
from notification.events import Locale

MailList = Literal["order_updates", "marketing"]
Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$", description="E.164, as in +4915112345678")]


class EmailPreferences(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    marketing: StrictBool = False
    order_updates: StrictBool = True


class SmsPreferences(BaseModel):
    """Text messages need a number to go to."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    order_updates: StrictBool = False
    phone: Phone | None = None


class NotificationPreferences(BaseModel):
    """What concerns an account's safety is mailed whatever they say."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    email: EmailPreferences = EmailPreferences()
    sms: SmsPreferences = SmsPreferences()
    locale: Locale = "en"


class ChangePreferences(Command):
    customer_id: str
    wanted: NotificationPreferences


class Unsubscribe(Command):
    customer_id: str
    mail_list: MailList


PreferencesCommand = ChangePreferences | Unsubscribe
