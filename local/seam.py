"""The one place through which every AWS and provider call passes: it is counted, and may be made to go wrong."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from local.faults import Fault, Faults
from local.identity import OPERATOR, Caller
from local.scheduler import Scheduler

T = TypeVar("T")
Outcome = TypeVar("Outcome", covariant=True)


class Crashed(BaseException):
    """The code under test was killed here, as if its runtime had crashed. Nothing may swallow it: not an Exception."""


@dataclass(frozen=True)
class Call:
    index: int
    caller: str
    kind: str  # function, saga or carrier
    service: str
    operation: str
    at: float
    parameters: Any = field(repr=False, default=None)  # kept by the deterministic driver only


class Channel(Protocol[Outcome]):
    """How a call is carried out, and how its kind of caller is told that it went wrong."""

    def perform(self) -> Outcome: ...

    def perform_in_part(self) -> Outcome: ...

    def perform_twice(self) -> Outcome: ...

    def throttled(self) -> Outcome: ...

    def broken(self) -> Outcome: ...

    def conflicting(self) -> Outcome: ...

    def unreachable(self) -> Outcome: ...

    def silent(self) -> Outcome: ...


class Seam:
    def __init__(self, scheduler: Scheduler, *, keep: int, keep_parameters: bool) -> None:
        self.calls: deque[Call] = deque(maxlen=keep)
        self.counters: Counter[tuple[str, str]] = Counter()
        self.faults = Faults()
        self.observers: list[Callable[[Call, Any], None]] = []
        self._scheduler = scheduler
        self._keep_parameters = keep_parameters
        self._next = 0

    @property
    def caller(self) -> Caller:
        task = self._scheduler.current
        return task.identity if task is not None and task.identity is not None else OPERATOR

    def carry(self, service: str, operation: str, parameters: Any, channel: Channel[T]) -> T:
        """Hand over, record, and perform the call, or the fault that waits for it. The operator's go straight on."""
        caller = self.caller
        if caller.kind == "operator":
            return channel.perform()
        self._scheduler.yield_(about_to=(service, operation, parameters))
        call = self._record(caller, service, operation, parameters)
        fault = self.faults.take(service, operation, caller.name, call.index)
        return channel.perform() if fault is None else self._fail(fault, caller, call, channel)

    def mark(self) -> int:
        """The index that the next call will have."""
        return self._next

    def _record(self, caller: Caller, service: str, operation: str, parameters: Any) -> Call:
        kept = parameters if self._keep_parameters else None
        call = Call(self._next, caller.name, caller.kind, service, operation, self._scheduler.clock.now(), kept)
        self._next += 1
        self.calls.append(call)
        self.counters[service, operation] += 1
        for observe in self.observers:
            observe(call, parameters)
        return call

    def _fail(self, fault: Fault, caller: Caller, call: Call, channel: Channel[T]) -> T:
        match fault.kind:
            case "throttle":
                return channel.throttled()
            case "error":
                return channel.broken()
            case "conflict":
                return channel.conflicting()
            case "partial":
                return channel.perform_in_part()
            case "duplicate":
                return channel.perform_twice()
            case "delay":
                self._scheduler.sleep(fault.seconds)
                return channel.perform()
            case "timeout_before":
                return channel.unreachable()
            case "timeout_after":
                channel.perform()
                return channel.silent()
            case "crash_before":
                return self._crash(caller, call, channel)
            case "crash_after":
                channel.perform()
                return self._crash(caller, call, channel)

    def _crash(self, caller: Caller, call: Call, channel: Channel[T]) -> T:
        """Kill the function. A carrier or a saga belongs to AWS, and only loses the answer."""
        task = self._scheduler.current
        if caller.kind != "function" or task is None:
            return channel.silent()
        task.doom = Crashed(f"{call.service}.{call.operation} #{call.index}")
        raise task.doom
