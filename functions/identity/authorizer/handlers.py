"""Lambda's entry point of the gate: payload 2.0, simple response.

Everyone is let through, and the context says who they are or why nobody: an HTTP API answers a denial with 403, which
tells the client the wrong thing about an expired token. `common.entrypoint.authentication` refuses them with 401.
"""

from typing import Any

from aws_lambda_powertools.logging import correlation_paths

from common.entrypoint.clock import received_at
from common.entrypoint.observability import observed
from identity.access_tokens import TokenExpired, TokenInvalid
from identity.authorizer.bootstrap import verifier


@observed(correlation_paths.API_GATEWAY_HTTP)
def authorizer(event: dict[str, Any], context: Any) -> dict[str, Any]:
    scheme, _, token = event["headers"].get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return _let_through(anonymous="invalid")
    at = received_at(event)
    try:
        claims = verifier(at).claims(token.strip(), at.timestamp())
    except TokenExpired:
        return _let_through(anonymous="expired")
    except TokenInvalid:
        return _let_through(anonymous="invalid")
    known = {name: str(claims[name]) for name in ("sub", "sid", "exp")}
    return _let_through(**known, roles=",".join(claims["roles"]))


def _let_through(**context: str) -> dict[str, Any]:
    return {"isAuthorized": True, "context": context}
