"""The composition root: the only place where the analytics domain meets AWS."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from analytics.archive import Archive
from analytics.daybooks import Daybooks
from analytics.generations import GenerationRow
from analytics.products import ProductNames
from analytics.queries import Reports
from analytics.rebuild.commands import AnyRebuildCommand
from analytics.rebuild.decider import Rebuild, decider
from analytics.rebuild.events import REBUILD_EVENTS, AnyRebuildEvent
from common.application.command_handler import CommandHandler
from common.entrypoint.settings import DomainSettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.idempotency import IdempotencyRecords
from common.infrastructure.outbox import Outbox
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.rows import Rows

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Settings(DomainSettings):
    archive: str = ""  # the bucket


@cache
def daybooks() -> Daybooks:
    return Daybooks(rows())


@cache
def generation_row() -> GenerationRow:
    return GenerationRow(rows())


@cache
def product_names() -> ProductNames:
    return ProductNames(rows())


@cache
def reports() -> Reports:
    return Reports(rows(), generation_row(), product_names())


@cache
def archive() -> Archive:
    return Archive(boto3.client("s3", config=AWS_CALLS), settings().archive)


@cache
def rebuilds() -> CommandHandler[AnyRebuildCommand, Rebuild | None, AnyRebuildEvent]:
    return CommandHandler(decider, DynamoRepository(dynamodb(), REBUILD_EVENTS, settings().events_table))


@cache
def records() -> IdempotencyRecords:
    return IdempotencyRecords(rows())


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
def settings() -> Settings:
    return from_environment(Settings)
