"""What every domain's composition root begins with: its tables, its way to the bus, and the shared keys.

Each is made at its first use, from the environment that the CDK's `Domain` gives, and kept while the process lives.
"""

from functools import cache
from typing import TYPE_CHECKING, TypeVar

import boto3
from pydantic import TypeAdapter

from common.domain.message import Event
from common.entrypoint.pagination import Cursors
from common.entrypoint.settings import CursorSettings, DomainSettings, PersonKeySettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.idempotency import IdempotencyRecords
from common.infrastructure.outbox import Outbox
from common.infrastructure.person_keys import PersonKeys
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS, Breaker
from common.infrastructure.rows import Rows
from common.infrastructure.secrets import read_secret

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient

E = TypeVar("E", bound=Event)


def repository(events: TypeAdapter[E]) -> DynamoRepository[E]:
    """Of the streams of one kind of aggregate."""
    return DynamoRepository(dynamodb(), events, _domain().events_table)


@cache
def rows() -> Rows:
    return Rows(dynamodb(), _domain().state_table)


@cache
def records() -> IdempotencyRecords:
    return IdempotencyRecords(rows())


@cache
def outbox() -> Outbox:
    return Outbox(dynamodb(), _domain().events_table)


@cache
def event_bus() -> EventBus:
    return EventBus(boto3.client("events", config=AWS_CALLS), _domain().event_bus)


@cache
def cursors() -> Cursors:
    return Cursors(secret(from_environment(CursorSettings).cursor_secret)["key"].encode())


@cache
def person_keys() -> PersonKeys:
    given = from_environment(PersonKeySettings)
    return PersonKeys(dynamodb(), kms(), given.person_keys_table, given.person_master_key)


def breaker(dependency: str) -> Breaker:
    """Of a provider: one for all instances of all functions of the domain."""
    return Breaker(dependency, dynamodb(), _domain().state_table)


def secret(name: str) -> dict[str, str]:
    return read_secret(boto3.client("secretsmanager", config=AWS_CALLS), name)


@cache
def dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=AWS_CALLS)


@cache
def kms() -> "KMSClient":
    return boto3.client("kms", config=AWS_CALLS)


@cache
def _domain() -> DomainSettings:
    return from_environment(DomainSettings)
