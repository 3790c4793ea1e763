"""For everybody: from registering to signing out."""

from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import BaseModel, ConfigDict, Field

from common.entrypoint.authentication import PUBLIC
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.idempotency import IDEMPOTENCY_KEY, REPLAYED
from identity.routes import app
from identity.routes.fields import (
    GivenPassword,
    KnownAddress,
    NewAddress,
    NewPassword,
    OneTimeCode,
    PersonName,
    SignsInFrom,
    TokenPair,
    pair,
)
from identity.use_cases import registration, signing_in

MailedToken = Annotated[str, Field(max_length=200)]
SameRequest = Annotated[str | None, Header(alias=IDEMPOTENCY_KEY, pattern=r"^[\x20-\x7e]{1,255}$")]


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
    password: GivenPassword
    otp: OneTimeCode | None = None


class RefreshToken(BaseModel):
    model_config = ConfigDict(extra="forbid")
    refresh_token: Annotated[str, Field(max_length=512)]


class ForgottenPassword(BaseModel):
    model_config = ConfigDict(extra="forbid")
    email: KnownAddress


class ResetSent(BaseModel):
    status: Literal["reset_sent"] = "reset_sent"


class PasswordReset(BaseModel):
    model_config = ConfigDict(extra="forbid")
    token: MailedToken
    password: NewPassword


class Guest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    email: NewAddress
    name: PersonName


@app.post("/identity/register", status_code=HTTPStatus.ACCEPTED, security=PUBLIC)
def register(body: Registration, at: ReceivedAt) -> ConfirmationSent:
    registration.register(body.email, body.password.get_secret_value(), body.name, at)
    return ConfirmationSent()


@app.post("/identity/confirm", status_code=HTTPStatus.NO_CONTENT, security=PUBLIC)
def confirm(body: Confirmation, client: SignsInFrom, at: ReceivedAt) -> Response[None]:
    registration.confirm(body.token, client.source, at)
    return Response(HTTPStatus.NO_CONTENT)


@app.post("/identity/login", security=PUBLIC)
def login(body: Credentials, client: SignsInFrom, at: ReceivedAt) -> Response[TokenPair]:
    return pair(signing_in.login(body.email, body.password.get_secret_value(), body.otp, client, at))


@app.post("/identity/guest", security=PUBLIC)
def admit_guest(body: Guest, client: SignsInFrom, at: ReceivedAt) -> Response[TokenPair]:
    """A session of a day without an account: its orders can be placed and read with it, and mails go to the address."""
    return pair(signing_in.admit_guest(body.email, body.name, client, at))


@app.post("/identity/refresh", security=PUBLIC)
def refresh(body: RefreshToken, at: ReceivedAt, request: SameRequest = None) -> Response[TokenPair]:
    """With an Idempotency-Key, the same request may be sent again for 30 seconds if its answer was lost."""
    tokens = signing_in.refresh(body.refresh_token, request or "", at)
    return pair(tokens, {**REPLAYED} if tokens.repeated else None)


@app.post("/identity/logout", status_code=HTTPStatus.NO_CONTENT, security=PUBLIC)
def logout(body: RefreshToken, at: ReceivedAt) -> Response[None]:
    signing_in.logout(body.refresh_token, at)
    return Response(HTTPStatus.NO_CONTENT)


@app.post("/identity/password/forgot", status_code=HTTPStatus.ACCEPTED, security=PUBLIC)
def forgot_password(body: ForgottenPassword, at: ReceivedAt) -> ResetSent:
    registration.forgot_password(body.email, at)
    return ResetSent()


@app.post("/identity/password/reset", status_code=HTTPStatus.NO_CONTENT, security=PUBLIC)
def reset_password(body: PasswordReset, client: SignsInFrom, at: ReceivedAt) -> Response[None]:
    registration.reset_password(body.token, body.password.get_secret_value(), client.source, at)
    return Response(HTTPStatus.NO_CONTENT)
