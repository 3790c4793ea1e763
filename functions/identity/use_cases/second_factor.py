"""Turning the second factor on, and off again."""

from collections.abc import Callable
from datetime import datetime

from common.application.command_handler import again_if_outrun
from common.entrypoint.authentication import Caller
from identity import bootstrap
from identity.commands import BeginSecondFactor, DisableSecondFactor, EnableSecondFactor
from identity.decider import decide
from identity.second_factor import Begun
from identity.throttle import SECRETS_PER_CUSTOMER, Try
from identity.use_cases.account import living_account


def begin(caller: Caller, at: datetime) -> tuple[Begun, str]:
    """The secret and the recovery codes, shown this once; and the address they belong to."""
    account = living_account(caller, at)
    decide(BeginSecondFactor(at=at), account.customer)
    return bootstrap.second_factors().begin(caller.sub, at), account.customer.email


def enable(caller: Caller, otp: str, at: datetime) -> None:
    """Raise WrongCode, or NotBegun."""
    _with_code(caller, at, lambda: _enable(caller, otp, at))


def _enable(caller: Caller, otp: str, at: datetime) -> None:
    account = living_account(caller, at)
    events = decide(EnableSecondFactor(at=at), account.customer)
    proved = bootstrap.second_factors().prove(caller.sub, otp, at)
    bootstrap.customers().save(account, events, caller.origin, also=proved)


def disable(caller: Caller, otp: str, at: datetime) -> None:
    """Raise WrongCode."""
    _with_code(caller, at, lambda: _disable(caller, otp, at))


def _disable(caller: Caller, otp: str, at: datetime) -> None:
    account = living_account(caller, at)
    events = decide(DisableSecondFactor(at=at), account.customer)
    bootstrap.second_factors().check(caller.sub, otp, at)
    bootstrap.customers().save(account, events, caller.origin, also=[bootstrap.second_factors().forget(caller.sub)])


def _with_code(caller: Caller, at: datetime, use_case: Callable[[], None]) -> None:
    """Codes are short: nobody may try many."""
    attempt = Try(SECRETS_PER_CUSTOMER, caller.sub)
    bootstrap.throttle().admit([attempt], at)
    again_if_outrun(use_case)
    bootstrap.throttle().forget(attempt)
