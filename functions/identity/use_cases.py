"""What people do with their accounts: read, decide, commit together. Nothing here tells who is registered.

A registration keeps its password with its token, and confirming puts it into force. So whoever registers someone
else's address first gains nothing: the password that counts is that of whoever read the mail.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from common.application.command_handler import again_if_outrun
from common.domain.errors import NotFound, Unauthenticated
from common.domain.message import Origin
from common.entrypoint.authentication import Caller, anonymous
from common.entrypoint.versions import require_match
from identity import bootstrap
from identity.commands import (
    ChangePassword,
    ChangeProfile,
    ChangeRoles,
    Confirm,
    Register,
    RequestPasswordReset,
)
from identity.credentials import normalised
from identity.customers import Account
from identity.decider import Customer, InvalidToken, decide
from identity.events import Role
from identity.sessions import InvalidRefreshToken, Session
from identity.throttle import LOGINS_PER_ACCOUNT, LOGINS_PER_SOURCE, MAILS_PER_ADDRESS, TooManyAttempts

CONFIRM_WITHIN = timedelta(days=1)
RESET_WITHIN = timedelta(hours=1)


class InvalidCredentials(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("The address or the password is wrong.")


class Tokens(NamedTuple):
    access_token: str
    refresh_token: str


def register(email: str, password: str, name: str, at: datetime) -> None:
    password_hash = bootstrap.passwords().hash(password)
    if _may_be_mailed(email, at):
        again_if_outrun(lambda: _register(email, password_hash, name, at))


def _register(email: str, password_hash: str, name: str, at: datetime) -> None:
    account = bootstrap.customers().by_email(email)
    command = Register(
        customer_id=account.customer.customer_id if account else f"cus_{uuid4().hex}",
        email=email,
        name=name,
        token_id=uuid4().hex,
        expires_at=at + CONFIRM_WITHIN,
        at=at,
    )
    events, tokens = decide(command, account.customer if account else None), bootstrap.mail_tokens()
    if not events:
        tokens.decoy(command.token_id, command.expires_at)
        return
    token = tokens.issue(
        command.token_id,
        "confirm",
        command.customer_id,
        command.expires_at,
        name=name,
        password_hash=password_hash,
    )
    bootstrap.customers().save(account, events, anonymous("anonymous"), also=[token])


def confirm(token: str, at: datetime) -> None:
    again_if_outrun(lambda: _confirm(token, at))


def _confirm(token: str, at: datetime) -> None:
    redeemed = bootstrap.mail_tokens().redeem(token, "confirm", at)
    account = _account(redeemed.customer_id)
    command = Confirm(name=redeemed.row["name"], admin_email=normalised(bootstrap.settings().admin_email), at=at)
    events = decide(command, account.customer)
    chosen = redeemed.row["password_hash"]
    origin = anonymous(redeemed.customer_id)
    bootstrap.customers().save(account, events, origin, password_hash=chosen, also=[redeemed.spend])


def login(email: str, password: str, source: str, at: datetime) -> Tokens:
    """Raise InvalidCredentials after the same work, whatever is wrong, or TooManyAttempts before any."""
    throttle = bootstrap.throttle()
    throttle.admit(LOGINS_PER_SOURCE, source, at)
    throttle.admit(LOGINS_PER_ACCOUNT, email, at)
    account = bootstrap.customers().by_email(email)
    if not bootstrap.passwords().match(password, account.password_hash if account else None) or account is None:
        raise InvalidCredentials
    throttle.forget(LOGINS_PER_ACCOUNT, email)
    throttle.take_back(LOGINS_PER_SOURCE, source)
    customer, sid = account.customer, f"ses_{uuid4().hex}"
    refresh_token = bootstrap.sessions().start(
        sid, customer.customer_id, customer.epoch, at, anonymous(customer.customer_id)
    )
    return Tokens(_access_token(customer, sid, at), refresh_token)


def refresh(refresh_token: str, at: datetime) -> Tokens:
    """A new pair. Raise InvalidRefreshToken; and if the token was spent before, the session ends."""
    session = bootstrap.sessions().find(refresh_token, at)
    account = bootstrap.customers().get(session.customer_id)
    if account is None or account.customer.epoch != session.epoch:
        raise InvalidRefreshToken
    following = None if session.spent else again_if_outrun(lambda: bootstrap.sessions().rotate(session))
    if following is None:
        bootstrap.sessions().end(session, "reused", at, anonymous(session.customer_id))
        raise InvalidRefreshToken
    return Tokens(_access_token(account.customer, session.sid, at), following)


def logout(refresh_token: str, at: datetime) -> None:
    """A token that is not good any more has nothing left to end (RFC 7009, 2.2)."""
    try:
        session: Session = bootstrap.sessions().find(refresh_token, at)
    except InvalidRefreshToken:
        return
    bootstrap.sessions().end(session, "logout", at, anonymous(session.customer_id))


def forgot_password(email: str, at: datetime) -> None:
    if _may_be_mailed(email, at):
        again_if_outrun(lambda: _forgot_password(email, at))


def _forgot_password(email: str, at: datetime) -> None:
    account = bootstrap.customers().by_email(email)
    command = RequestPasswordReset(token_id=uuid4().hex, expires_at=at + RESET_WITHIN, at=at)
    events = decide(command, account.customer) if account else []
    tokens = bootstrap.mail_tokens()
    if account is None or not events:
        tokens.decoy(command.token_id, command.expires_at)
        return
    token = tokens.issue(command.token_id, "reset", account.customer.customer_id, command.expires_at)
    bootstrap.customers().save(account, events, anonymous("anonymous"), also=[token])


def reset_password(token: str, password: str, at: datetime) -> None:
    email = again_if_outrun(lambda: _reset_password(token, password, at))
    bootstrap.throttle().forget(LOGINS_PER_ACCOUNT, email)


def _reset_password(token: str, password: str, at: datetime) -> str:
    redeemed = bootstrap.mail_tokens().redeem(token, "reset", at)
    account = _account(redeemed.customer_id)
    events = decide(ChangePassword(at=at), account.customer)
    chosen = bootstrap.passwords().hash(password)
    origin = anonymous(redeemed.customer_id)
    bootstrap.customers().save(account, events, origin, password_hash=chosen, also=[redeemed.spend])
    return account.customer.email


def profile(customer_id: str) -> Customer:
    account = bootstrap.customers().get(customer_id)
    if account is None:
        raise NotFound("There is no such user.")
    return account.customer


def change_profile(caller: Caller, name: str, if_match: str, at: datetime) -> Customer:
    return _change(caller.sub, ChangeProfile(name=name, at=at), caller.origin, if_match)


def change_roles(customer_id: str, roles: Iterable[Role], caller: Caller, at: datetime) -> Customer:
    """They hold from the next access token on."""
    return _change(customer_id, ChangeRoles(by=caller.sub, roles=frozenset(roles), at=at), caller.origin)


def _change(customer_id: str, command: ChangeProfile | ChangeRoles, origin: Origin, if_match: str = "*") -> Customer:
    def once() -> Customer:
        account = bootstrap.customers().get(customer_id)
        if account is None:
            raise NotFound("There is no such user.")
        require_match(if_match, account.customer.revision)
        events = decide(command, account.customer)
        return bootstrap.customers().save(account, events, origin).customer if events else account.customer

    return again_if_outrun(once)


def _account(customer_id: str) -> Account:
    account = bootstrap.customers().get(customer_id)
    if account is None:
        raise InvalidToken
    return account


def _may_be_mailed(email: str, at: datetime) -> bool:
    """Nobody's mailbox is filled by strangers; that it is full already is not for them to know."""
    try:
        bootstrap.throttle().admit(MAILS_PER_ADDRESS, email, at)
    except TooManyAttempts:
        return False
    return True


def _access_token(customer: Customer, sid: str, at: datetime) -> str:
    return bootstrap.signer().sign(sub=customer.customer_id, sid=sid, roles=customer.roles, jti=uuid4().hex, at=at)
