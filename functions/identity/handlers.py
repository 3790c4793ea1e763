"""Lambda's entry points of the identity domain: translate, hand over, answer. No rules here."""

from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeVar

from aws_lambda_powertools.event_handler import Depends, Request, Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, SecretStr

from common.entrypoint.authentication import ADMIN, CUSTOMER, PUBLIC, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.http import http_app, http_handler
from common.entrypoint.relay import relay_handler, republisher_handler
from common.entrypoint.versions import IfMatch, IfNoneMatch, etag
from identity import use_cases
from identity.access_tokens import CLAIMS, LIFETIME
from identity.bootstrap import event_bus, outbox, published_keys, settings
from identity.credentials import address, normalised
from identity.decider import Customer
from identity.events import Role
from identity.use_cases import Tokens

app = http_app()

B = TypeVar("B", bound=BaseModel)

NewAddress = Annotated[str, Field(max_length=254), AfterValidator(address)]
KnownAddress = Annotated[str, Field(min_length=1, max_length=254), AfterValidator(normalised)]
NewPassword = Annotated[SecretStr, Field(min_length=8, max_length=128)]  # NIST SP 800-63B: long, and no rules beside
PersonName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
MailedToken = Annotated[str, Field(max_length=200)]
NOT_STORED = {"Cache-Control": "no-store"}


class Registration(BaseModel):
    model_config = ConfigDict(extra="forbid")
    email: NewAddress
    password: NewPassword
    name: PersonName


class ConfirmationSent(BaseModel):
    status: Literal["confirmation_sent"] = "confirmation_sent"


class Confirmation(BaseModel):
    model_config = ConfigDict(extra="forbid")
    token: MailedToken


class Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid")
    email: KnownAddress
    password: Annotated[SecretStr, Field(max_length=1024)]


class RefreshToken(BaseModel):
    model_config = ConfigDict(extra="forbid")
    refresh_token: Annotated[str, Field(max_length=512)]


class TokenPair(BaseModel):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = int(LIFETIME.total_seconds())
    refresh_token: str


class ForgottenPassword(BaseModel):
    model_config = ConfigDict(extra="forbid")
    email: KnownAddress


class ResetSent(BaseModel):
    status: Literal["reset_sent"] = "reset_sent"


class PasswordReset(BaseModel):
    model_config = ConfigDict(extra="forbid")
    token: MailedToken
    password: NewPassword


class Profile(BaseModel):
    customer_id: str
    email: str
    name: str
    roles: list[Role]
    created_at: AwareDatetime


class ProfileChange(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: PersonName


class RolesRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    roles: Annotated[list[Role], Field(max_length=2)]


class UserRoles(BaseModel):
    customer_id: str
    roles: list[Role]


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
    """OpenID Connect Discovery 1.0, as far as there is something to discover: whose tokens, and by which keys."""

    issuer: str
    jwks_uri: str
    token_endpoint: str
    response_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    claims_supported: list[str]


def _source(request: Request) -> str:
    return str(request.resolved_event.raw_event["requestContext"]["http"]["sourceIp"])


Source = Annotated[str, Depends(_source)]


@app.post("/identity/register", status_code=HTTPStatus.ACCEPTED, security=PUBLIC)
def register(body: Registration, at: ReceivedAt) -> ConfirmationSent:
    use_cases.register(body.email, body.password.get_secret_value(), body.name, at)
    return ConfirmationSent()


@app.post("/identity/confirm", status_code=HTTPStatus.NO_CONTENT, security=PUBLIC)
def confirm(body: Confirmation, at: ReceivedAt) -> Response[None]:
    use_cases.confirm(body.token, at)
    return Response(HTTPStatus.NO_CONTENT)


@app.post("/identity/login", security=PUBLIC)
def login(body: Credentials, source: Source, at: ReceivedAt) -> Response[TokenPair]:
    return _pair(use_cases.login(body.email, body.password.get_secret_value(), source, at))


@app.post("/identity/refresh", security=PUBLIC)
def refresh(body: RefreshToken, at: ReceivedAt) -> Response[TokenPair]:
    return _pair(use_cases.refresh(body.refresh_token, at))


@app.post("/identity/logout", status_code=HTTPStatus.NO_CONTENT, security=PUBLIC)
def logout(body: RefreshToken, at: ReceivedAt) -> Response[None]:
    use_cases.logout(body.refresh_token, at)
    return Response(HTTPStatus.NO_CONTENT)


@app.post("/identity/password/forgot", status_code=HTTPStatus.ACCEPTED, security=PUBLIC)
def forgot_password(body: ForgottenPassword, at: ReceivedAt) -> ResetSent:
    use_cases.forgot_password(body.email, at)
    return ResetSent()


@app.post("/identity/password/reset", status_code=HTTPStatus.NO_CONTENT, security=PUBLIC)
def reset_password(body: PasswordReset, at: ReceivedAt) -> Response[None]:
    use_cases.reset_password(body.token, body.password.get_secret_value(), at)
    return Response(HTTPStatus.NO_CONTENT)


@app.get("/identity/me", security=CUSTOMER)
def get_profile(caller: SignedIn, seen: IfNoneMatch) -> Response[Profile | None]:
    customer = use_cases.profile(caller.sub)
    if etag(customer.revision) in seen:
        return Response(HTTPStatus.NOT_MODIFIED, headers={"ETag": etag(customer.revision)})
    return _profile(customer)


@app.patch("/identity/me", security=CUSTOMER)
def change_profile(body: ProfileChange, caller: SignedIn, if_match: IfMatch, at: ReceivedAt) -> Response[Profile]:
    return _profile(use_cases.change_profile(caller, body.name, if_match, at))


@app.put("/identity/users/<id>/roles", security=ADMIN)
def change_roles(
    id: Annotated[str, Path(max_length=64)], body: RolesRequest, caller: SignedIn, at: ReceivedAt
) -> UserRoles:
    customer = use_cases.change_roles(id, body.roles, caller, at)
    return UserRoles(customer_id=customer.customer_id, roles=list(customer.roles))


@app.get("/.well-known/jwks.json", security=PUBLIC)
def get_keys() -> Response[SigningKeys]:
    return _public(SigningKeys(keys=[SigningKey(**key) for key in published_keys()]))


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
    return _public(discovery)


def _pair(tokens: Tokens) -> Response[TokenPair]:
    return Response(HTTPStatus.OK, "application/json", TokenPair(**tokens._asdict()), {**NOT_STORED})


def _profile(customer: Customer) -> Response[Any]:
    view = Profile.model_validate(customer.model_dump(include=set(Profile.model_fields)))
    return Response(HTTPStatus.OK, "application/json", view, {"ETag": etag(customer.revision)})


def _public(body: B) -> Response[B]:
    return Response(HTTPStatus.OK, "application/json", body, {"Cache-Control": "public, max-age=300"})


api = http_handler(app)
relay = relay_handler("identity", event_bus)
republisher = republisher_handler("identity", outbox, event_bus)
