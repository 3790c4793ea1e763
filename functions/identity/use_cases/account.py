"""What the use cases of someone signed in begin with: their account, by a session that still lives."""

from datetime import datetime
from uuid import uuid4

from common.domain.errors import NotFound, Unauthenticated
from common.domain.message import Origin
from common.entrypoint.authentication import Caller, anonymous, highest
from identity import bootstrap
from identity.customers import Account
from identity.decider import Customer
from identity.throttle import network


class SessionOver(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("This session is over. Sign in again.")


def account_of(customer_id: str) -> Account:
    account = bootstrap.customers().get(customer_id)
    if account is None:
        raise NotFound("There is no such user.")
    return account


def living_account(caller: Caller, at: datetime) -> Account:
    """For what would keep a thief in or the owner out: an access token outlives its session, by up to ten minutes.

    Raise SessionOver when the session has ended meanwhile.
    """
    account = account_of(caller.sub)
    session = bootstrap.sessions().get(caller.sid, at)
    if session is None or (session.customer_id, session.epoch) != (caller.sub, account.customer.epoch):
        raise SessionOver
    return account


def acting(customer: Customer) -> Origin:
    """The origin of what someone does by signing in, or with a token of theirs."""
    return anonymous(customer.customer_id).model_copy(update={"actor_role": highest(customer.roles)})


def known_from_now_on(email: str, source: str, at: datetime) -> None:
    bootstrap.throttle().remember(email, network(source), at)


def access_token(customer: Customer, sid: str, at: datetime) -> str:
    return bootstrap.signer().sign(sub=customer.customer_id, sid=sid, roles=customer.roles, jti=uuid4().hex, at=at)
