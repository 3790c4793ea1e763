"""For who is signed in, about themselves."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import AwareDatetime, BaseModel, ConfigDict

from common.entrypoint.authentication import CUSTOMER, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.entrypoint.versions import IfMatch, IfNoneMatch, etag
from common.infrastructure.rows import Row
from identity.bootstrap import cursors, settings
from identity.decider import Customer
from identity.events import Role
from identity.routes import app
from identity.routes.fields import NOT_STORED, GivenPassword, NewPassword, OneTimeCode, PersonName
from identity.second_factor import otpauth_uri
from identity.use_cases import profile, second_factor, signing_in


class Profile(BaseModel):
    customer_id: str
    email: str
    name: str
    roles: list[Role]
    guest: bool
    mfa_enabled: bool
    created_at: AwareDatetime


class ProfileChange(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: PersonName


class Erasing(BaseModel):
    status: Literal["erasing"] = "erasing"


class PasswordChange(BaseModel):
    model_config = ConfigDict(extra="forbid")
    current_password: GivenPassword
    password: NewPassword


class Authenticator(BaseModel):
    """Shown this once. The recovery codes are good from the confirmation on, each of them once, as an `otp`."""

    secret: str
    otpauth_uri: str
    recovery_codes: list[str]


class OtpProof(BaseModel):
    model_config = ConfigDict(extra="forbid")
    otp: OneTimeCode


class SessionView(BaseModel):
    session_id: str
    user_agent: str
    started_at: AwareDatetime
    used_at: AwareDatetime
    expires_at: AwareDatetime
    current: bool


@app.get("/identity/me", security=CUSTOMER)
def get_profile(caller: SignedIn, seen: IfNoneMatch) -> Response[Profile | None]:
    customer = profile.profile(caller.sub)
    if etag(customer.revision) in seen or "*" in seen:
        return Response(HTTPStatus.NOT_MODIFIED, headers={"ETag": etag(customer.revision)})
    return _profile(customer)


@app.patch("/identity/me", security=CUSTOMER)
def change_profile(body: ProfileChange, caller: SignedIn, if_match: IfMatch, at: ReceivedAt) -> Response[Profile]:
    return _profile(profile.change_profile(caller, body.name, if_match, at))


@app.delete("/identity/me", status_code=HTTPStatus.ACCEPTED, security=CUSTOMER)
def erase(caller: SignedIn, at: ReceivedAt) -> Erasing:
    """The person is gone from here at once, and from everywhere soon. What they bought stays, without them."""
    profile.erase(caller, at)
    return Erasing()


@app.post("/identity/password/change", status_code=HTTPStatus.NO_CONTENT, security=CUSTOMER)
def change_password(body: PasswordChange, caller: SignedIn, at: ReceivedAt) -> Response[None]:
    """All sessions end, this one too."""
    profile.change_password(caller, body.current_password.get_secret_value(), body.password.get_secret_value(), at)
    return Response(HTTPStatus.NO_CONTENT)


@app.post("/identity/mfa", security=CUSTOMER)
def begin_second_factor(caller: SignedIn, at: ReceivedAt) -> Response[Authenticator]:
    """It is on when a code has confirmed it."""
    begun, email = second_factor.begin(caller, at)
    uri = otpauth_uri(begun.secret, email, urlsplit(settings().issuer).hostname or "commerce")
    shown = Authenticator(secret=begun.secret, otpauth_uri=uri, recovery_codes=begun.recovery_codes)
    return Response(HTTPStatus.OK, "application/json", shown, {**NOT_STORED})


@app.post("/identity/mfa/confirm", status_code=HTTPStatus.NO_CONTENT, security=CUSTOMER)
def enable_second_factor(body: OtpProof, caller: SignedIn, at: ReceivedAt) -> Response[None]:
    second_factor.enable(caller, body.otp, at)
    return Response(HTTPStatus.NO_CONTENT)


@app.delete("/identity/mfa", status_code=HTTPStatus.NO_CONTENT, security=CUSTOMER)
def disable_second_factor(body: OtpProof, caller: SignedIn, at: ReceivedAt) -> Response[None]:
    second_factor.disable(caller, body.otp, at)
    return Response(HTTPStatus.NO_CONTENT)


@app.get("/identity/sessions", security=CUSTOMER)
def list_sessions(
    caller: SignedIn, query: ThisQuery, at: ReceivedAt, limit: Limit = 20, cursor: Cursor = None
) -> Listed[SessionView]:
    page = signing_in.sessions_of(caller, at, limit, cursors().open(cursor, query))
    items = [_session(row, caller.sid) for row in page.rows]
    return Listed(items=items, next_cursor=cursors().seal(page.after, query))


@app.delete("/identity/sessions/<sid>", status_code=HTTPStatus.NO_CONTENT, security=CUSTOMER)
def end_session(sid: Annotated[str, Path(max_length=64)], caller: SignedIn, at: ReceivedAt) -> Response[None]:
    signing_in.end_session(sid, caller, at)
    return Response(HTTPStatus.NO_CONTENT)


def _session(row: Row, current: str) -> SessionView:
    times = {name: datetime.fromtimestamp(row[name], tz=UTC) for name in ("started_at", "used_at", "expires_at")}
    sid = row["pk"].removeprefix("session#")
    return SessionView(session_id=sid, user_agent=row["user_agent"], current=sid == current, **times)


def _profile(customer: Customer) -> Response[Any]:
    said = customer.model_dump(include=set(Profile.model_fields))
    view = Profile.model_validate({**said, "mfa_enabled": customer.second_factor})
    return Response(HTTPStatus.OK, "application/json", view, {"ETag": etag(customer.revision)})
