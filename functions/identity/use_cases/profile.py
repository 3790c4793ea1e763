"""What people see and change of themselves, and what admins give them."""

from collections.abc import Iterable
from datetime import datetime

from common.application.command_handler import again_if_outrun
from common.domain.errors import Invalid
from common.domain.message import Origin
from common.entrypoint.authentication import Caller
from common.entrypoint.versions import require_match
from identity import bootstrap
from identity.commands import ChangePassword, ChangeProfile, ChangeRoles, Erase
from identity.decider import Customer, decide
from identity.events import Role
from identity.password_strength import require_strong
from identity.throttle import SECRETS_PER_CUSTOMER, Try
from identity.use_cases.account import account_of, living_account


class WrongPassword(Invalid): ...


def profile(customer_id: str) -> Customer:
    return account_of(customer_id).customer


def change_profile(caller: Caller, name: str, if_match: str, at: datetime) -> Customer:
    return _change(caller.sub, ChangeProfile(name=name, at=at), caller.origin, if_match)


def change_roles(customer_id: str, roles: Iterable[Role], caller: Caller, at: datetime) -> Customer:
    """They hold from the next access token on."""
    return _change(customer_id, ChangeRoles(by=caller.sub, roles=frozenset(roles), at=at), caller.origin)


def _change(customer_id: str, command: ChangeProfile | ChangeRoles, origin: Origin, if_match: str = "*") -> Customer:
    def once() -> Customer:
        account = account_of(customer_id)
        require_match(if_match, account.customer.revision)
        events = decide(command, account.customer)
        return bootstrap.customers().save(account, events, origin).customer if events else account.customer

    return again_if_outrun(once)


def change_password(caller: Caller, current: str, password: str, at: datetime) -> None:
    """All sessions end, this one too. Raise WrongPassword, WeakPassword or TooManyAttempts."""
    account = living_account(caller, at)
    attempt = Try(SECRETS_PER_CUSTOMER, caller.sub)
    bootstrap.throttle().admit([attempt], at)
    if not bootstrap.passwords().match(current, account.password_hash):
        raise WrongPassword("This is not your password.", field="current_password")
    bootstrap.throttle().forget(attempt)
    require_strong(password, (account.customer.email, account.customer.name))
    events = decide(ChangePassword(at=at), account.customer)
    # Not again if outrun: whatever came between may have been another password.
    bootstrap.customers().save(account, events, caller.origin, password_hash=bootstrap.passwords().hash(password))


def erase(caller: Caller, at: datetime) -> None:
    """They are gone from here at once, and from elsewhere when this is heard. Asked again, there is nobody left."""
    if bootstrap.customers().get(caller.sub) is not None:
        again_if_outrun(lambda: _erase(caller, at))


def _erase(caller: Caller, at: datetime) -> None:
    account = living_account(caller, at)
    bootstrap.customers().erase(account, decide(Erase(at=at), account.customer), caller.origin)
    for who in (account.customer.email, caller.sub):
        bootstrap.throttle().forget_all(who)
