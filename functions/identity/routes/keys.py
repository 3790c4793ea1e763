"""For who verifies our tokens: whose they are, and by which keys."""

from http import HTTPStatus
from typing import TypeVar

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from common.entrypoint.authentication import PUBLIC
from common.entrypoint.clock import ReceivedAt
from identity.access_tokens import CLAIMS, jwks
from identity.bootstrap import key_ring, settings
from identity.routes import app

B = TypeVar("B", bound=BaseModel)


class SigningKey(BaseModel):
    kty: str
    use: str
    alg: str
    kid: str
    n: str
    e: str


class SigningKeys(BaseModel):
    keys: list[SigningKey]


class Discovery(BaseModel):
    """OpenID Connect Discovery 1.0, as far as there is something to discover."""

    issuer: str
    jwks_uri: str
    token_endpoint: str
    response_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    claims_supported: list[str]


@app.get("/.well-known/jwks.json", security=PUBLIC)
def get_keys(at: ReceivedAt) -> Response[SigningKeys]:
    return _cacheable(SigningKeys(keys=[SigningKey(**key) for key in jwks(key_ring().at(at).public)]))


@app.get("/.well-known/openid-configuration", security=PUBLIC)
def get_configuration() -> Response[Discovery]:
    issuer = settings().issuer
    discovery = Discovery(
        issuer=issuer,
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        token_endpoint=f"{issuer}/identity/login",
        response_types_supported=["token"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        claims_supported=list(CLAIMS),
    )
    return _cacheable(discovery)


def _cacheable(body: B) -> Response[B]:
    """For five minutes: a new key is published for ten before it signs (identity.key_ring)."""
    return Response(HTTPStatus.OK, "application/json", body, {"Cache-Control": "public, max-age=300"})
