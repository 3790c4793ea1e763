"""What customers want to be told, and how. Pure. A number to send to is in the state, and in no event."""

from typing import NamedTuple, assert_never

from notification.commands import (
    ChangePreferences,
    EmailPreferences,
    MailList,
    NotificationPreferences,
    PreferencesCommand,
    Unsubscribe,
)
from notification.events import PreferencesChanged


class Decided(NamedTuple):
    preferences: NotificationPreferences
    events: list[PreferencesChanged]


def decide(command: PreferencesCommand, now: NotificationPreferences) -> Decided:
    """What they want from now on, and that it has changed; nothing, if it was already so."""
    match command:
        case ChangePreferences():
            wanted = command.wanted
        case Unsubscribe():
            email = EmailPreferences(**{**now.email.model_dump(), command.mail_list: False})
            wanted = now.model_copy(update={"email": email})
        case _:
            assert_never(command)
    if wanted == now:
        return Decided(now, [])
    changed = PreferencesChanged(
        customer_id=command.customer_id,
        email_marketing=wanted.email.marketing,
        email_order_updates=wanted.email.order_updates,
        sms_order_updates=wanted.sms.order_updates,
        locale=wanted.locale,
        one_click=isinstance(command, Unsubscribe),
        at=command.at,
    )
    return Decided(wanted, [changed])


def mail_is_wanted(mail_list: MailList | None, preferences: NotificationPreferences) -> bool:
    """What is on no list concerns the account, and nobody can do without it."""
    return mail_list is None or getattr(preferences.email, mail_list)


def sms_number(mail_list: MailList | None, preferences: NotificationPreferences) -> str | None:
    """Where a text message goes to, if one is wanted."""
    return preferences.sms.phone if mail_list == "order_updates" and preferences.sms.order_updates else None
