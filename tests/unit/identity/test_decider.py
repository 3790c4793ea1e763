"""The rules of an account, as given / when / then."""

from datetime import UTC, datetime

import pytest

from common.domain.errors import NotFound
from identity.commands import (
    AdmitGuest,
    BeginSecondFactor,
    ChangePassword,
    ChangeProfile,
    ChangeRoles,
    Confirm,
    DisableSecondFactor,
    EnableSecondFactor,
    Erase,
    Register,
    RequestPasswordReset,
    SpendRecoveryCode,
)
from identity.decider import InvalidToken, NoAccount, OwnRoles, SecondFactorOff, SecondFactorOn, decider
from identity.events import (
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
    RolesChanged,
    SecondFactorDisabled,
    SecondFactorEnabled,
)

NOW, LATER = datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 5, 2, tzinfo=UTC)
ID = {"customer_id": "cus_1", "at": NOW}
ADA = {"email": "ada@shop.example", "name": "Ada"}
TOKEN = {"token_id": "t1", "expires_at": LATER}

REGISTERED = CustomerRegistered(**ID, **ADA)
ASKED = ConfirmationRequested(**ID, **ADA, **TOKEN)
CONFIRMED = CustomerConfirmed(**ID, **ADA)
STAFF = RolesChanged(**ID, roles=("staff",))
ADMIN = RolesChanged(**ID, roles=("admin",))

GUEST = GuestAdmitted(**ID, **ADA)
FACTOR, NO_FACTOR = SecondFactorEnabled(**ID), SecondFactorDisabled(**ID)

REGISTER = Register(**ID, **ADA, **TOKEN)
CONFIRM = Confirm(name="Ada", admin_email="grace@shop.example", at=NOW)
RESET = RequestPasswordReset(**TOKEN, at=NOW)
NEW = [REGISTERED, ASKED]
KNOWN = [*NEW, CONFIRMED]


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([], REGISTER, [REGISTERED, ASKED], id="registering asks for a confirmation"),
        pytest.param(NEW, REGISTER, [ASKED], id="registering again before confirming asks again"),
        pytest.param(KNOWN, REGISTER, [RegistrationRepeated(**ID)], id="a confirmed address is not registered again"),
        pytest.param(NEW, CONFIRM, [CONFIRMED], id="confirming"),
        pytest.param(
            NEW,
            CONFIRM.model_copy(update={"admin_email": ADA["email"]}),
            [CONFIRMED, ADMIN],
            id="whoever confirms the admin's address is an admin",
        ),
        pytest.param(KNOWN, CONFIRM, InvalidToken, id="an account is confirmed once"),
        pytest.param(NEW, RESET, [], id="who has not confirmed has no password to reset"),
        pytest.param(KNOWN, RESET, [PasswordResetRequested(**ID, **ADA, **TOKEN)], id="asking for a reset"),
        pytest.param(KNOWN, ChangePassword(at=NOW), [PasswordChanged(**ID)], id="a new password"),
        pytest.param(KNOWN, ChangeProfile(name="Ada", at=NOW), [], id="the same name"),
        pytest.param(
            KNOWN, ChangeProfile(name="Lady L", at=NOW), [ProfileChanged(**ID, name="Lady L")], id="another name"
        ),
        pytest.param(KNOWN, ChangeRoles(by="cus_0", roles={"staff"}, at=NOW), [STAFF], id="given a role"),
        pytest.param(
            [*KNOWN, STAFF], ChangeRoles(by="cus_0", roles=set(), at=NOW), [RolesChanged(**ID, roles=())], id="taken it"
        ),
        pytest.param([*KNOWN, STAFF], ChangeRoles(by="cus_0", roles={"staff"}, at=NOW), [], id="the same roles"),
        pytest.param([*KNOWN, ADMIN], ChangeRoles(by="cus_1", roles={"staff"}, at=NOW), OwnRoles, id="the last admin"),
        pytest.param(NEW, ChangeRoles(by="cus_0", roles={"staff"}, at=NOW), NoAccount, id="a role before confirming"),
        pytest.param([], CONFIRM, NotFound, id="nobody"),
        pytest.param([], AdmitGuest(**ID, **ADA), [GUEST], id="a guest"),
        pytest.param([GUEST], RESET, [], id="a guest has no password to reset"),
        pytest.param([GUEST], ChangeRoles(by="cus_0", roles={"staff"}, at=NOW), NoAccount, id="a guest with a role"),
        pytest.param([GUEST], BeginSecondFactor(at=NOW), NoAccount, id="a guest with a second factor"),
        pytest.param(KNOWN, BeginSecondFactor(at=NOW), [], id="a second factor is begun"),
        pytest.param(KNOWN, EnableSecondFactor(at=NOW), [FACTOR], id="and turned on"),
        pytest.param([*KNOWN, FACTOR], BeginSecondFactor(at=NOW), SecondFactorOn, id="and not begun anew"),
        pytest.param([*KNOWN, FACTOR], EnableSecondFactor(at=NOW), SecondFactorOn, id="or turned on twice"),
        pytest.param(
            [*KNOWN, FACTOR], SpendRecoveryCode(left=9, at=NOW), [RecoveryCodeSpent(**ID, left=9)], id="it was lost"
        ),
        pytest.param([*KNOWN, FACTOR], DisableSecondFactor(at=NOW), [NO_FACTOR], id="and turned off"),
        pytest.param([*KNOWN, FACTOR, NO_FACTOR], DisableSecondFactor(at=NOW), SecondFactorOff, id="and not twice"),
        pytest.param(KNOWN, SpendRecoveryCode(left=9, at=NOW), SecondFactorOff, id="a code of no second factor"),
        pytest.param(KNOWN, Erase(at=NOW), [CustomerErased(**ID)], id="forgetting them"),
        pytest.param([GUEST], Erase(at=NOW), [CustomerErased(**ID)], id="forgetting a guest"),
        pytest.param([*KNOWN, ADMIN], Erase(at=NOW), OwnRoles, id="an admin cannot just vanish"),
        pytest.param([*KNOWN, CustomerErased(**ID)], RESET, NotFound, id="who was erased is nobody"),
    ],
)
def test_an_account(given, when, then):
    state = decider.fold(given)
    if isinstance(then, list):
        assert decider.decide(when, state) == then
    else:
        with pytest.raises(then):
            decider.decide(when, state)


def test_a_new_password_ends_the_epoch_and_does_not_show_in_the_profile():
    before, after = decider.fold(KNOWN), decider.fold([*KNOWN, PasswordChanged(**ID)])
    assert (after.epoch, after.revision) == (before.epoch + 1, before.revision)


def test_what_is_shown_of_a_customer_has_a_new_revision_with_each_change():
    assert [decider.fold([*KNOWN, *more]).revision for more in ([], [STAFF], [STAFF, ADMIN])] == [2, 3, 4]
