"""What customers ask of notification: read, decide, commit together."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from pydantic import TypeAdapter

from common.application.command_handler import again_if_outrun
from common.domain.errors import Malformed, NotFound
from common.domain.message import Origin
from common.entrypoint.authentication import Caller, anonymous
from common.entrypoint.versions import require_match
from notification import bootstrap
from notification.commands import (
    ChangePreferences,
    MailList,
    NotificationPreferences,
    PreferencesCommand,
    Unsubscribe,
)
from notification.decider import decide

_TOKEN = re.compile(r"[a-z_]{1,20}\.[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{43}")  # list, customer, MAC


class InvalidUnsubscribeToken(Malformed):
    def __init__(self) -> None:
        super().__init__("This link is not one of ours.")


class Preferred(NamedTuple):
    preferences: NotificationPreferences
    version: int


def preferences(caller: Caller) -> Preferred:
    known = bootstrap.contacts().known(caller.sub)
    return Preferred(known.preferences, known.version)


def change_preferences(caller: Caller, wanted: NotificationPreferences, if_match: str, at: datetime) -> Preferred:
    """Raise PreconditionFailed unless they are as the caller saw them."""
    command = ChangePreferences(customer_id=caller.sub, wanted=wanted, at=at)
    return again_if_outrun(lambda: _change(command, caller.origin, lambda version: require_match(if_match, version)))


def unsubscribe(token: str, at: datetime) -> None:
    """For who has a mail of ours, as often as they like."""
    mail_list, customer_id = unsubscribing(token)
    command = Unsubscribe(customer_id=customer_id, mail_list=mail_list, at=at)
    try:
        again_if_outrun(lambda: _change(command, anonymous(customer_id)))
    except NotFound:
        return  # erased since: they get no mail already


def unsubscribing(token: str) -> tuple[MailList, str]:
    """From which list, and who. Raise InvalidUnsubscribeToken unless we have made it. It does not expire."""
    text = bootstrap.seals().opened("unsubscribe", token) if _TOKEN.fullmatch(token) else None
    if text is None:
        raise InvalidUnsubscribeToken
    mail_list, _, customer_id = text.partition(".")
    return TypeAdapter(MailList).validate_python(mail_list), customer_id


def _change(
    command: PreferencesCommand, origin: Origin, check: Callable[[int], None] = lambda version: None
) -> Preferred:
    known = bootstrap.contacts().known(command.customer_id)
    check(known.version)
    wanted, events = decide(command, known.preferences)
    if not events:
        return Preferred(wanted, known.version)
    version = known.version + 1
    kept = bootstrap.contacts().prefer(command.customer_id, wanted, version)
    bootstrap.streams().save(f"prf_{command.customer_id}", known.version, events, origin, also=kept)
    return Preferred(wanted, version)
