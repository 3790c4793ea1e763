"""Where corrected moto hands over to the platform that is up: one set of callbacks, swapped per platform."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from local.identity import Caller
from local.scheduler import Scheduler


class Invoke(Protocol):
    def __call__(self, function: str, payload: bytes, *, asynchronous: bool) -> tuple[bytes, bool]:
        """Return what the function answered, and whether that is an error."""
        ...


@dataclass(frozen=True)
class Hooks:
    scheduler: Scheduler
    invoke: Invoke
    on_record: Callable[[str], None]  # the name of the table whose stream has grown
    on_message: Callable[[str], None]  # the name of the queue that got a message
    on_event: Callable[[Any, dict[str, Any]], None]  # a rule, and an event on its bus
    saga: Callable[[Any], Caller]  # who a Step Functions execution that begins acts as


_hooks: Hooks | None = None


def connect(hooks: Hooks | None) -> None:
    global _hooks
    _hooks = hooks


def current() -> Hooks | None:
    """None while moto is used without a platform, as unit tests do."""
    return _hooks


def connected() -> Hooks:
    if _hooks is None:
        raise RuntimeError("no platform is up")
    return _hooks
