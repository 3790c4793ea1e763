"""What has happened to people and their sessions. Stored for ever: add fields with defaults, rename nothing.

Neither passwords nor tokens are in here: whoever reads the bus learns who someone is, not how to become them.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from common.domain.message import Event

Role = Literal["staff", "admin"]


class CustomerRegistered(Event):
    type: Literal["CustomerRegistered"] = "CustomerRegistered"
    customer_id: str
    email: str
    name: str


class ConfirmationRequested(Event):
    """The token of that id is to be mailed; whoever sends it back has read the mail."""

    type: Literal["ConfirmationRequested"] = "ConfirmationRequested"
    customer_id: str
    email: str
    name: str
    token_id: str
    expires_at: AwareDatetime


class CustomerConfirmed(Event):
    type: Literal["CustomerConfirmed"] = "CustomerConfirmed"
    customer_id: str
    email: str
    name: str


class PasswordResetRequested(Event):
    type: Literal["PasswordResetRequested"] = "PasswordResetRequested"
    customer_id: str
    email: str
    name: str
    token_id: str
    expires_at: AwareDatetime


class PasswordChanged(Event):
    """Sessions from before it are over."""

    type: Literal["PasswordChanged"] = "PasswordChanged"
    customer_id: str


class ProfileChanged(Event):
    type: Literal["ProfileChanged"] = "ProfileChanged"
    customer_id: str
    name: str


class RolesChanged(Event):
    type: Literal["RolesChanged"] = "RolesChanged"
    customer_id: str
    roles: tuple[Role, ...]


AnyCustomerEvent = (
    CustomerRegistered
    | ConfirmationRequested
    | CustomerConfirmed
    | PasswordResetRequested
    | PasswordChanged
    | ProfileChanged
    | RolesChanged
)


class SessionStarted(Event):
    """The stream of a session is its `sid`."""

    type: Literal["SessionStarted"] = "SessionStarted"
    sid: str
    customer_id: str


class SessionEnded(Event):
    """`reused`: a spent refresh token was shown again, so it may have been stolen."""

    type: Literal["SessionEnded"] = "SessionEnded"
    sid: str
    customer_id: str
    cause: Literal["logout", "reused"]


AnySessionEvent = SessionStarted | SessionEnded

CUSTOMER_EVENTS: TypeAdapter[AnyCustomerEvent] = TypeAdapter(Annotated[AnyCustomerEvent, Field(discriminator="type")])
SESSION_EVENTS: TypeAdapter[AnySessionEvent] = TypeAdapter(Annotated[AnySessionEvent, Field(discriminator="type")])
