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


CustomerCommand = Register | Confirm | RequestPasswordReset | ChangePassword | ChangeProfile | ChangeRoles
