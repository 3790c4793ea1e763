"""Signing in, staying signed in, and signing out."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from common.application.command_handler import again_if_outrun
from common.domain.errors import NotFound, Unauthenticated
from common.entrypoint.authentication import Caller, anonymous
from common.infrastructure.rows import Page
from identity import bootstrap
from identity.commands import AdmitGuest, SpendRecoveryCode
from identity.customers import Account
from identity.decider import Customer, decide
from identity.second_factor import WrongCode
from identity.sessions import LIFETIME, InvalidRefreshToken
from identity.throttle import (
    GUESTS_PER_SOURCE,
    LOGINS_FROM_KNOWN_SOURCES,
    LOGINS_FROM_ONE_SOURCE,
    LOGINS_FROM_OTHER_SOURCES,
    LOGINS_PER_SOURCE,
    MAILS_PER_ADDRESS,
    Try,
    network,
)
from identity.use_cases.account import access_token, account_of, acting

GUEST_LIFETIME = timedelta(days=1)


class InvalidCredentials(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The address or the password is wrong.")


class OtpRequired(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The password is right. Send it again, with a one-time code.")


class Tokens(NamedTuple):
    access_token: str
    refresh_token: str
    repeated: bool = False


class Client(NamedTuple):
    """From where someone signs in, and with what, as the gateway and they say."""

    source: str
    user_agent: str


def login(email: str, password: str, otp: str | None, client: Client, at: datetime) -> Tokens:
    """Raise InvalidCredentials after the same work, whatever is wrong, or TooManyAttempts before any.

    Raise OtpRequired when only the second factor is missing.
    """
    throttle, tries = bootstrap.throttle(), _tries(email, network(client.source), at)
    throttle.admit(tries, at)
    account = bootstrap.customers().by_email(email)
    if not bootstrap.passwords().match(password, account.password_hash if account else None) or account is None:
        raise InvalidCredentials
    if account.customer.second_factor and otp is None:
        throttle.take_back(tries, at)  # and no more: whoever has the password must not guess codes for ever
        raise OtpRequired
    if account.customer.second_factor:
        account = again_if_outrun(lambda: _prove(email, otp or "", at))
    here, *others = tries
    throttle.forget(here)
    throttle.take_back(others, at)
    throttle.remember(email, network(client.source), at)
    return _start(account.customer, client, at, LIFETIME)


def _tries(email: str, source: str, at: datetime) -> list[Try]:
    """Where they are known from, they need not wait because of what others try elsewhere. The work is the same."""
    known = bootstrap.throttle().knows(email, source, at)
    anywhere = LOGINS_FROM_KNOWN_SOURCES if known else LOGINS_FROM_OTHER_SOURCES
    return [Try(LOGINS_FROM_ONE_SOURCE, email, source), Try(anywhere, email), Try(LOGINS_PER_SOURCE, source)]


def _prove(email: str, otp: str, at: datetime) -> Account:
    account = bootstrap.customers().by_email(email)
    if account is None:
        raise InvalidCredentials
    try:
        proof = bootstrap.second_factors().check(account.customer.customer_id, otp, at)
        if proof.recovery_left is None:
            bootstrap.rows().commit([proof.spend])
            return account
        spent = decide(SpendRecoveryCode(left=proof.recovery_left, at=at), account.customer)
        return bootstrap.customers().save(account, spent, acting(account.customer), also=[proof.spend])
    except WrongCode as error:
        raise InvalidCredentials from error


def admit_guest(email: str, name: str, client: Client, at: datetime) -> Tokens:
    """A session of a day for someone without an account. Their address is not checked, and so not filled with mails."""
    tries = [Try(GUESTS_PER_SOURCE, network(client.source)), Try(MAILS_PER_ADDRESS, email)]
    bootstrap.throttle().admit(tries, at)
    command = AdmitGuest(customer_id=f"cus_{uuid4().hex}", email=email, name=name, at=at)
    guest = bootstrap.customers().save(None, decide(command, None), anonymous(command.customer_id)).customer
    return _start(guest, client, at, GUEST_LIFETIME)


def _start(customer: Customer, client: Client, at: datetime, lifetime: timedelta) -> Tokens:
    sid = f"ses_{uuid4().hex}"
    refresh_token = bootstrap.sessions().start(
        sid,
        customer.customer_id,
        customer.epoch,
        at,
        acting(customer),
        user_agent=client.user_agent,
        lifetime=lifetime,
    )
    return Tokens(access_token(customer, sid, at), refresh_token)


def refresh(refresh_token: str, request: str, at: datetime) -> Tokens:
    """A new pair. Raise InvalidRefreshToken; and if the token was spent before, the session ends."""
    session = bootstrap.sessions().find(refresh_token, at)
    account = bootstrap.customers().get(session.customer_id)
    if account is None or account.customer.epoch != session.epoch:
        raise InvalidRefreshToken
    following = again_if_outrun(lambda: bootstrap.sessions().rotate(session, request, at))
    if following is None:
        bootstrap.sessions().end(session.sid, "reused", at, anonymous(session.customer_id))
        raise InvalidRefreshToken
    return Tokens(access_token(account.customer, session.sid, at), *following)


def logout(refresh_token: str, at: datetime) -> None:
    """A token that is not good any more has nothing left to end (RFC 7009, 2.2)."""
    try:
        session = bootstrap.sessions().find(refresh_token, at)
    except InvalidRefreshToken:
        return
    bootstrap.sessions().end(session.sid, "logout", at, anonymous(session.customer_id))


def sessions_of(caller: Caller, at: datetime, limit: int, after: dict[str, object] | None) -> Page:
    epoch = account_of(caller.sub).customer.epoch
    return bootstrap.sessions().page(caller.sub, epoch, at, limit, after)


def end_session(sid: str, caller: Caller, at: datetime) -> None:
    """Raise NotFound unless it is one of theirs; one that has ended already has."""
    if bootstrap.sessions().owner(sid) != caller.sub:
        raise NotFound("There is no such session.")
    bootstrap.sessions().end(sid, "revoked", at, caller.origin)
