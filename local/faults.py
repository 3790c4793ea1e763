"""Faults that someone asked for, waiting for the call they fit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeGuard, get_args

Kind = Literal[
    "throttle",
    "error",
    "timeout_before",
    "timeout_after",
    "crash_before",
    "crash_after",
    "conflict",
    "partial",
    "duplicate",
    "delay",
]
KINDS: Final = get_args(Kind)


def is_kind(word: object) -> TypeGuard[Kind]:
    return word in KINDS


@dataclass
class Fault:
    """What is to go wrong, `times` times, at calls that fit every field that is given."""

    kind: Kind
    service: str | None = None
    operation: str | None = None
    times: int = 1
    caller: str | None = None
    index: int | None = None
    seconds: float = 5.0  # of a delay

    def fits(self, service: str, operation: str, caller: str, index: int) -> bool:
        return (
            self.times > 0
            and self.service in (None, service)
            and self.operation in (None, operation)
            and self.caller in (None, caller)
            and (self.index is None or self.index <= index < self.index + self.times)
        )


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self.struck: list[tuple[Fault, int]] = []  # each fault that happened, with the index of its call

    def add(
        self,
        kind: Kind,
        *,
        service: str | None = None,
        operation: str | None = None,
        times: int = 1,
        caller: str | None = None,
        index: int | None = None,
        seconds: float = 5.0,
    ) -> Fault:
        fault = Fault(kind, service, operation, times, caller, index, seconds)
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        self._waiting.clear()

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._waiting)

    def take(self, service: str, operation: str, caller: str, index: int) -> Fault | None:
        for fault in self._waiting:
            if fault.fits(service, operation, caller, index):
                fault.times -= 1
                if fault.index is not None:
                    fault.index += 1
                if not fault.times:
                    self._waiting.remove(fault)
                self.struck.append((fault, index))
                return fault
        return None
