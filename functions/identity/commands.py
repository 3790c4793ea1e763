"""What may be asked of a customer's account."""

from pydantic import AwareDatetime

from common.domain.message import Command
from identity.events import Role


class Register(Command):
    """`token_id` names the token that will confirm it."""

    customer_id: str
    email: str
    name: str
    token_id: str
    expires_at: AwareDatetime


class Confirm(Command):
    """`name` is the one that was given with the registration that is being confirmed."""

    name: str
    admin_email: str


class RequestPasswordReset(Command):
    token_id: str
    expires_at: AwareDatetime


class ChangePassword(Command):
    pass


class ChangeProfile(Command):
    name: str


class ChangeRoles(Command):
    by: str
    roles: frozenset[Role]


class BeginSecondFactor(Command):
    """May they? Nothing happens before they show a first code."""


class EnableSecondFactor(Command):
    pass


class DisableSecondFactor(Command):
    pass


class SpendRecoveryCode(Command):
    """`left`: how many they have after it."""

    left: int


class AdmitGuest(Command):
    customer_id: str
    email: str
    name: str


class Erase(Command):
    pass


CustomerCommand = (
    Register
    | Confirm
    | RequestPasswordReset
    | ChangePassword
    | ChangeProfile
    | ChangeRoles
    | BeginSecondFactor
    | EnableSecondFactor
    | DisableSecondFactor
    | SpendRecoveryCode
    | AdmitGuest
    | Erase
)
