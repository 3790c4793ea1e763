"""From an unknown address to an account, and back to it when the password is gone.

A registration keeps its password with its token, and confirming puts it into force. So whoever registers someone
else's address first gains nothing: the password that counts is that of whoever read the mail.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from common.application.command_handler import again_if_outrun
from common.entrypoint.authentication import anonymous
from identity import bootstrap
from identity.commands import ChangePassword, Confirm, Register, RequestPasswordReset
from identity.credentials import normalised
from identity.customers import NOBODY, Account
from identity.decider import InvalidToken, decide
from identity.events import ConfirmationRequested
from identity.password_strength import require_strong
from identity.throttle import MAILS_PER_ADDRESS, TooManyAttempts, Try
from identity.use_cases.account import known_from_now_on

CONFIRM_WITHIN = timedelta(days=1)
RESET_WITHIN = timedelta(hours=1)


def register(email: str, password: str, name: str, at: datetime) -> None:
    """Raise WeakPassword, whoever asks."""
    require_strong(password, (email, name))
    password_hash = bootstrap.passwords().hash(password)
    if may_be_mailed(email, at):
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
    if any(isinstance(event, ConfirmationRequested) for event in events):
        bound = {"name": name, "password_hash": password_hash}
        token = tokens.issue(command.token_id, "confirm", command.customer_id, command.expires_at, **bound)
    else:
        token = tokens.decoy(command.token_id, command.expires_at)
    if account:  # a key is made for who is new
        bootstrap.customers().seal_nobody(f"cus_{uuid4().hex}", command.expires_at)
    bootstrap.customers().save(account, events, anonymous("anonymous"), also=[token])


def confirm(token: str, source: str, at: datetime) -> None:
    email = again_if_outrun(lambda: _confirm(token, at))
    known_from_now_on(email, source, at)


def _confirm(token: str, at: datetime) -> str:
    redeemed = bootstrap.mail_tokens().redeem(token, "confirm", at)
    account = _account(redeemed.customer_id)
    command = Confirm(name=redeemed.row["name"], admin_email=normalised(bootstrap.settings().admin_email), at=at)
    events = decide(command, account.customer)
    chosen = redeemed.row["password_hash"]
    origin = anonymous(redeemed.customer_id)
    bootstrap.customers().save(account, events, origin, password_hash=chosen, also=[redeemed.spend])
    return account.customer.email


def forgot_password(email: str, at: datetime) -> None:
    if may_be_mailed(email, at):
        again_if_outrun(lambda: _forgot_password(email, at))


def _forgot_password(email: str, at: datetime) -> None:
    account = bootstrap.customers().by_email(email)
    command = RequestPasswordReset(token_id=uuid4().hex, expires_at=at + RESET_WITHIN, at=at)
    events = decide(command, account.customer) if account else []
    tokens = bootstrap.mail_tokens()
    if account is None or not events:
        bootstrap.customers().seal_nobody(NOBODY, command.expires_at)
        bootstrap.rows().commit([tokens.decoy(command.token_id, command.expires_at)])
        return
    token = tokens.issue(command.token_id, "reset", account.customer.customer_id, command.expires_at)
    bootstrap.customers().save(account, events, anonymous("anonymous"), also=[token])


def reset_password(token: str, password: str, source: str, at: datetime) -> None:
    """All sessions end. Whoever read the mail is let in from here, however many others try their account meanwhile."""
    email = again_if_outrun(lambda: _reset_password(token, password, at))
    bootstrap.throttle().forget_all(email)
    known_from_now_on(email, source, at)


def _reset_password(token: str, password: str, at: datetime) -> str:
    redeemed = bootstrap.mail_tokens().redeem(token, "reset", at)
    account = _account(redeemed.customer_id)
    require_strong(password, (account.customer.email, account.customer.name))
    events = decide(ChangePassword(at=at), account.customer)
    chosen = bootstrap.passwords().hash(password)
    origin = anonymous(redeemed.customer_id)
    bootstrap.customers().save(account, events, origin, password_hash=chosen, also=[redeemed.spend])
    return account.customer.email


def _account(customer_id: str) -> Account:
    account = bootstrap.customers().get(customer_id)
    if account is None:
        raise InvalidToken
    return account


def may_be_mailed(email: str, at: datetime) -> bool:
    """Nobody's mailbox is filled by strangers; that it is full already is not for them to know."""
    try:
        bootstrap.throttle().admit([Try(MAILS_PER_ADDRESS, email)], at)
    except TooManyAttempts:
        return False
    return True
