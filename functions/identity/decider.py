"""The rules of an account. Pure: no clock, no random ids, no AWS, and no passwords, which are in no event."""

from typing import assert_never

from pydantic import AwareDatetime, BaseModel, ConfigDict

from common.domain.decider import Decider
from common.domain.errors import Conflict, Malformed, NotFound
from identity.commands import (
    AdmitGuest,
    BeginSecondFactor,
    ChangePassword,
    ChangeProfile,
    ChangeRoles,
    Confirm,
    CustomerCommand,
    DisableSecondFactor,
    EnableSecondFactor,
    Erase,
    Register,
    RequestPasswordReset,
    SpendRecoveryCode,
)
from identity.events import (
    AnyCustomerEvent,
    ConfirmationRequested,
    CustomerConfirmed,
    CustomerErased,
    CustomerRegistered,
    GuestAdmitted,
    PasswordChanged,
    PasswordResetRequested,
    ProfileChanged,
    RecoveryCodeSpent,
    RegistrationRepeated,
    Role,
    RolesChanged,
    SecondFactorDisabled,
    SecondFactorEnabled,
)


class Customer(BaseModel):
    model_config = ConfigDict(frozen=True)
    customer_id: str
    email: str
    name: str
    created_at: AwareDatetime
    confirmed: bool = False
    guest: bool = False
    second_factor: bool = False
    roles: tuple[Role, ...] = ()
    epoch: int = 0  # sessions of an earlier one are over
    revision: int = 1  # of what they see of themselves


class InvalidToken(Malformed):
    """False, spent, expired, or made for something else: nobody learns which."""

    def __init__(self) -> None:
        super().__init__("This token is not valid, or no longer.")


class OwnRoles(Conflict): ...


class NoAccount(Conflict):
    """A guest, or someone who has not confirmed their address: nobody can sign in as them."""


class SecondFactorOn(Conflict): ...


class SecondFactorOff(Conflict): ...


def decide(command: CustomerCommand, customer: Customer | None) -> list[AnyCustomerEvent]:
    """Return what happens, or [] if it already has or must not show, or raise if it may not."""
    if isinstance(command, Register):
        return _register(command, customer)
    if isinstance(command, AdmitGuest):
        return [GuestAdmitted(**command.model_dump())]
    if customer is None:
        raise NotFound("There is no such user.")
    known = {"customer_id": customer.customer_id, "at": command.at}
    match command:
        case Confirm():
            return _confirm(command, customer)
        case RequestPasswordReset() if customer.confirmed:
            said = customer.model_dump(include={"customer_id", "email", "name"})
            return [PasswordResetRequested(**said, **command.model_dump())]
        case RequestPasswordReset():
            return []
        case ChangePassword():
            return [PasswordChanged(**known)]
        case ChangeProfile():
            if command.name == customer.name:
                return []
            return [ProfileChanged(**known, name=command.name)]
        case ChangeRoles():
            return _change_roles(command, customer)
        case BeginSecondFactor() | EnableSecondFactor():
            _require_no_second_factor(customer)
            return [SecondFactorEnabled(**known)] if isinstance(command, EnableSecondFactor) else []
        case DisableSecondFactor() | SpendRecoveryCode() if not customer.second_factor:
            raise SecondFactorOff("There is no second factor to use.")
        case DisableSecondFactor():
            return [SecondFactorDisabled(**known)]
        case SpendRecoveryCode():
            return [RecoveryCodeSpent(**known, left=command.left)]
        case Erase() if "admin" in customer.roles:
            raise OwnRoles("Another admin must take this role from you first: one must remain.")
        case Erase():
            return [CustomerErased(**known)]
        case _:
            assert_never(command)


def _register(command: Register, customer: Customer | None) -> list[AnyCustomerEvent]:
    asked = ConfirmationRequested(**command.model_dump())
    if customer is None:
        return [CustomerRegistered(**command.model_dump(exclude={"token_id", "expires_at"})), asked]
    if customer.confirmed:
        return [RegistrationRepeated(customer_id=customer.customer_id, at=command.at)]
    return [asked]


def _confirm(command: Confirm, customer: Customer) -> list[AnyCustomerEvent]:
    if customer.confirmed:  # by the token of another registration, whose password stands
        raise InvalidToken
    known = {"customer_id": customer.customer_id, "at": command.at}
    confirmed = CustomerConfirmed(**known, email=customer.email, name=command.name)
    if customer.email == command.admin_email:
        return [confirmed, RolesChanged(**known, roles=("admin",))]
    return [confirmed]


def _require_no_second_factor(customer: Customer) -> None:
    if not customer.confirmed:
        raise NoAccount("Who has no password needs no second factor.")
    if customer.second_factor:
        raise SecondFactorOn("It is on already. Take it away first.")


def _change_roles(command: ChangeRoles, customer: Customer) -> list[AnyCustomerEvent]:
    if not customer.confirmed:
        raise NoAccount("Only who can sign in may have a role.")
    if command.roles == set(customer.roles):
        return []
    if command.by == customer.customer_id and "admin" not in command.roles:
        raise OwnRoles("Another admin must take this role from you: one must remain.")
    return [RolesChanged(customer_id=customer.customer_id, roles=tuple(sorted(command.roles)), at=command.at)]


def evolve(customer: Customer | None, event: AnyCustomerEvent) -> Customer | None:
    if isinstance(event, CustomerRegistered | GuestAdmitted):
        said = event.model_dump(include={"customer_id", "email", "name"})
        return Customer(**said, guest=isinstance(event, GuestAdmitted), created_at=event.at)
    assert customer, "a stream begins with CustomerRegistered or GuestAdmitted"
    match event:
        case ConfirmationRequested() | PasswordResetRequested() | RegistrationRepeated() | RecoveryCodeSpent():
            return customer
        case CustomerErased():
            return None
        case CustomerConfirmed():
            return _seen(customer, confirmed=True, name=event.name)
        case PasswordChanged():
            return customer.model_copy(update={"epoch": customer.epoch + 1})
        case ProfileChanged():
            return _seen(customer, name=event.name)
        case RolesChanged():
            return _seen(customer, roles=event.roles)
        case SecondFactorEnabled() | SecondFactorDisabled():
            return _seen(customer, second_factor=isinstance(event, SecondFactorEnabled))
        case _:
            assert_never(event)


def _seen(customer: Customer, **changes: object) -> Customer:
    return customer.model_copy(update={**changes, "revision": customer.revision + 1})


decider: Decider[CustomerCommand, Customer | None, AnyCustomerEvent] = Decider(None, decide, evolve)
