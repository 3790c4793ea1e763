"""What the carriers share: calls of AWS's own services at the seam, and patterns that choose what is carried."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, NoReturn, TypeVar

from moto.events.models import EventPattern

from local.functions import Answer, Functions
from local.iam import Iam
from local.identity import Caller
from local.moto_state import backend
from local.resource_policies import ResourcePolicies
from local.scheduler import Scheduler, Task
from local.seam import Seam

T = TypeVar("T")
FOREVER: Final = -1  # a limit of -1 in a mapping means: none


class DeliveryFailed(Exception):
    """A target did not take what was brought. Whoever carries it tries again, or gives it up to its dead letters."""


class CarrierChannel(Generic[T]):
    """A call that AWS makes for us. Whatever goes wrong with it, the carrier only sees that it failed."""

    def __init__(self, perform: Callable[[], T]) -> None:
        self.perform = perform

    def perform_twice(self) -> T:
        self.perform()
        return self.perform()

    def throttled(self) -> NoReturn:
        raise DeliveryFailed("throttled")

    def broken(self) -> NoReturn:
        raise DeliveryFailed("service error")

    perform_in_part = conflicting = unreachable = silent = broken


@dataclass(frozen=True)
class Carriage:
    """What every carrier needs to do its work."""

    scheduler: Scheduler
    seam: Seam
    functions: Functions
    iam: Iam
    policies: ResourcePolicies

    def go(self, carrier: str, run: Callable[[], Any]) -> Task:
        return self.scheduler.spawn(run, carrier, identity=Caller("carrier", carrier))

    def invoke(self, function: str, event: Any) -> Answer:
        """Run a function and wait for it."""
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        channel = CarrierChannel(lambda: self.functions.run(function, payload))
        parameters = {"FunctionName": self.functions.named(function).name, "Payload": payload}
        return self.seam.carry("lambda", "Invoke", parameters, channel)

    def call(self, service: str, operation: str, parameters: dict[str, Any], perform: Callable[[], T]) -> T:
        return self.seam.carry(service, operation, parameters, CarrierChannel(perform))

    def send(self, queue_arn: str, body: str, attributes: dict[str, str] | None = None) -> None:
        name = queue_arn.rpartition(":")[2]
        carried = {key: {"DataType": "String", "StringValue": value} for key, value in (attributes or {}).items()}
        self.call(
            "sqs",
            "SendMessage",
            {"QueueUrl": name, "MessageBody": body},
            lambda: backend("sqs").send_message(name, body, message_attributes=carried),
        )

    def send_json(self, queue_arn: str, body: Any) -> None:
        self.send(queue_arn, json.dumps(body))

    def timestamp(self, at: float | None = None) -> str:
        moment = datetime.fromtimestamp(self.scheduler.clock.now() if at is None else at, tz=UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def patterns(criteria: dict[str, Any] | None) -> list[EventPattern]:
    """The filters of an event source mapping."""
    found = (criteria or {}).get("Filters", [])
    return [EventPattern(one["Pattern"], json.loads(one["Pattern"])) for one in found]


def matches(record: Any, filters: Iterable[EventPattern]) -> bool:
    filters = list(filters)
    return not filters or any(one.matches_event(record) for one in filters)


def failed_items(answer: Answer, mapping: dict[str, Any], known: list[str]) -> list[str]:
    """Which items of a batch are to come again: all after an error, none after silence, or those that are named."""
    if answer.error:
        return known
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
        return []
    said = json.loads(answer.payload or b"null") or {}
    failures = (said.get("batchItemFailures") if isinstance(said, dict) else None) or []
    named = [failure.get("itemIdentifier") for failure in failures]
    return named if all(name in known for name in named) else known
