"""Lambda's entry point of the gate: payload 2.0, simple response.

Everyone is let through, and the context says who they are or why nobody: an HTTP API answers a denial with 403, which
tells the client the wrong thing about an expired token. `common.entrypoint.authentication` refuses them with 401.
"""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.logging import correlation_paths

from common.entrypoint.clock import received_at
from common.entrypoint.observability import observed
from identity.access_tokens import KeyUnknown, TokenExpired, TokenInvalid
from identity.authorizer.bootstrap import verifier
from identity.key_ring import READ_AGAIN_AFTER


@observed(correlation_paths.API_GATEWAY_HTTP)
def authorizer(event: dict[str, Any], context: Any) -> dict[str, Any]:
    scheme, _, token = event["headers"].get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return _let_through(anonymous="invalid")
    at = received_at(event)
    try:
        claims = _claims(token.strip(), at)
    except TokenExpired:
        return _let_through(anonymous="expired")
    except TokenInvalid:
        return _let_through(anonymous="invalid")
    known = {name: str(claims[name]) for name in ("sub", "sid", "exp")}
    return _let_through(**known, roles=",".join(claims["roles"]))


def _claims(token: str, at: datetime) -> dict[str, Any]:
    """By the keys that are known, or by those that there are now: a key that leaked has been replaced at once."""
    try:
        return verifier(at).claims(token, at.timestamp())
    except KeyUnknown:
        return verifier(at, READ_AGAIN_AFTER).claims(token, at.timestamp())


def _let_through(**context: str) -> dict[str, Any]:
    return {"isAuthorized": True, "context": context}
