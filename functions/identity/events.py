"""What has happened to people and their sessions. Stored for ever: add fields with defaults, rename nothing.

Neither passwords nor tokens are in here: whoever reads the bus learns who someone is, not how to become them.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from common.domain.message import Event
from common.domain.sealed import Sealed

Role = Literal["staff", "admin"]


class Person(BaseModel):
    """What is in the box that `person` is."""

    email: str
    name: str


class EventOfPerson(Event):
    """It says who somebody is. Stored, that is in their box alone; `email` and `name` are clear only until then."""

    customer_id: str
    email: str = ""
    name: str = ""
    person: Sealed | None = None


class CustomerRegistered(EventOfPerson):
    type: Literal["CustomerRegistered"] = "CustomerRegistered"


class ConfirmationRequested(EventOfPerson):
    """The token of that id is to be mailed; whoever sends it back has read the mail."""

    type: Literal["ConfirmationRequested"] = "ConfirmationRequested"
    token_id: str
    expires_at: AwareDatetime


class RegistrationRepeated(Event):
    """Somebody, perhaps they themselves, registered their address again. They are told; the other one is not."""

    type: Literal["RegistrationRepeated"] = "RegistrationRepeated"
    customer_id: str


class CustomerConfirmed(EventOfPerson):
    type: Literal["CustomerConfirmed"] = "CustomerConfirmed"


class PasswordResetRequested(EventOfPerson):
    type: Literal["PasswordResetRequested"] = "PasswordResetRequested"
    token_id: str
    expires_at: AwareDatetime


class PasswordChanged(Event):
    """Sessions from before it are over."""

    type: Literal["PasswordChanged"] = "PasswordChanged"
    customer_id: str


class ProfileChanged(EventOfPerson):
    type: Literal["ProfileChanged"] = "ProfileChanged"


class RolesChanged(Event):
    type: Literal["RolesChanged"] = "RolesChanged"
    customer_id: str
    roles: tuple[Role, ...]


class SecondFactorEnabled(Event):
    """From here on a password alone is not enough."""

    type: Literal["SecondFactorEnabled"] = "SecondFactorEnabled"
    customer_id: str


class SecondFactorDisabled(Event):
    type: Literal["SecondFactorDisabled"] = "SecondFactorDisabled"
    customer_id: str


class RecoveryCodeSpent(Event):
    """They came in without their authenticator."""

    type: Literal["RecoveryCodeSpent"] = "RecoveryCodeSpent"
    customer_id: str
    left: int


class GuestAdmitted(EventOfPerson):
    """They buy without an account: nobody can sign in as them, and what they gave is for the mails of their orders."""

    type: Literal["GuestAdmitted"] = "GuestAdmitted"


class CustomerErased(Event):
    """The last of a stream. Whoever hears it keeps what was bought, and nothing of the person."""

    type: Literal["CustomerErased"] = "CustomerErased"
    customer_id: str


AnyCustomerEvent = (
    CustomerRegistered
    | ConfirmationRequested
    | RegistrationRepeated
    | CustomerConfirmed
    | PasswordResetRequested
    | PasswordChanged
    | ProfileChanged
    | RolesChanged
    | SecondFactorEnabled
    | SecondFactorDisabled
    | RecoveryCodeSpent
    | GuestAdmitted
    | CustomerErased
)

EndOfSession = Literal["logout", "reused", "revoked"]


class SessionStarted(Event):
    """The stream of a session is its `sid`."""

    type: Literal["SessionStarted"] = "SessionStarted"
    sid: str
    customer_id: str


class SessionEnded(Event):
    """`reused`: a spent refresh token was shown again, so it may have been stolen. `revoked`: from another session."""

    type: Literal["SessionEnded"] = "SessionEnded"
    sid: str
    customer_id: str
    cause: EndOfSession


AnySessionEvent = SessionStarted | SessionEnded

CUSTOMER_EVENTS: TypeAdapter[AnyCustomerEvent] = TypeAdapter(Annotated[AnyCustomerEvent, Field(discriminator="type")])
SESSION_EVENTS: TypeAdapter[AnySessionEvent] = TypeAdapter(Annotated[AnySessionEvent, Field(discriminator="type")])
