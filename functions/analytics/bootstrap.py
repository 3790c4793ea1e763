"""The composition root: the only place where the analytics domain meets AWS."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from analytics.counting import Figures
from analytics.queries import Reports
from common.entrypoint.settings import DomainSettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.inbox import Inbox
from common.infrastructure.outbox import Outbox
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.rows import Rows

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@cache
def figures() -> Figures:
    return Figures(rows(), Inbox(settings().state_table, "analytics"))


@cache
def reports() -> Reports:
    return Reports(rows())


@cache
def outbox() -> Outbox:
    return Outbox(dynamodb(), settings().events_table)


@cache
def event_bus() -> EventBus:
    return EventBus(boto3.client("events", config=AWS_CALLS), settings().event_bus)


@cache
def rows() -> Rows:
    return Rows(dynamodb(), settings().state_table)


@cache
def dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=AWS_CALLS)


@cache
def settings() -> DomainSettings:
    return from_environment(DomainSettings)
