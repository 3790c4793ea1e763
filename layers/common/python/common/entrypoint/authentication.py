"""Who asks, as the Lambda authorizer vouches for it, and what they may. Nothing a client sends can say otherwise.

A route declares its scope as OpenAPI security; a route without one is refused to all, so none is open by oversight.
"""

from collections.abc import Collection
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Request
from pydantic import BaseModel, Field

from common.domain.errors import Forbidden, NotFound, Unauthenticated
from common.domain.message import ActorRole, Origin
from common.entrypoint.observability import trace_id

Scope = list[dict[str, list[str]]]

PUBLIC: Scope = [{}]  # OpenAPI's way to say: nothing is required
CUSTOMER: Scope = [{"bearer": ["customer"]}]
STAFF: Scope = [{"bearer": ["staff"]}]
ADMIN: Scope = [{"bearer": ["admin"]}]

_ROLES_FOR = {"staff": {"staff", "admin"}, "admin": {"admin"}}
_WHY = {"expired": "The access token has expired.", "invalid": "The access token is not valid."}


def highest(roles: Collection[str]) -> ActorRole:
    """What someone signed in with these roles acts as."""
    return "admin" if "admin" in roles else "staff" if "staff" in roles else "customer"


class Caller(BaseModel):
    sub: str
    sid: str = ""
    roles: frozenset[str] = Field(default_factory=frozenset)

    @property
    def origin(self) -> Origin:
        return Origin(
            actor=self.sub, actor_role=highest(self.roles), correlation_id=trace_id(), causation_id=trace_id()
        )

    @property
    def is_staff(self) -> bool:
        return bool(self.roles & _ROLES_FOR["staff"])

    def may_see(self, owner: str) -> bool:
        return self.is_staff or self.sub == owner


def admit(event: dict[str, Any], scope: Scope | None) -> None:
    """Raise unless the caller of this HTTP event may use a route of that scope. Called before the body is looked at."""
    if scope is None:
        raise NotFound("There is nothing here.")
    if scope == PUBLIC:
        return
    caller = caller_of(event)
    for needed in scope[0]["bearer"]:
        if needed in _ROLES_FOR and not caller.roles & _ROLES_FOR[needed]:
            raise Forbidden("Your roles do not allow this.")


def caller_of(event: dict[str, Any]) -> Caller:
    vouched = event["requestContext"].get("authorizer", {}).get("lambda") or {}
    if "sub" not in vouched:
        raise Unauthenticated(_WHY.get(vouched.get("anonymous", ""), "Sign in first."))
    # The gateway may answer from its cache of the authorizer for a minute: expiry is checked on every call.
    if int(vouched["exp"]) <= event["requestContext"]["timeEpoch"] / 1000:
        raise Unauthenticated(_WHY["expired"])
    roles = [role for role in str(vouched.get("roles", "")).split(",") if role]
    return Caller(sub=vouched["sub"], sid=vouched.get("sid", ""), roles=frozenset(roles))


def anonymous(what: str) -> Origin:
    """The origin of what someone does who is not signed in, such as registering."""
    return Origin(actor=what, correlation_id=trace_id(), causation_id=trace_id())


def _caller(request: Request) -> Caller:
    return caller_of(request.resolved_event.raw_event)


SignedIn = Annotated[Caller, Depends(_caller)]
