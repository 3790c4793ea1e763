"""The composition root: the only place where the analytics domain meets AWS."""

from functools import cache

import boto3
from pydantic import BaseModel

from analytics.archive import Archive
from analytics.daybooks import Daybooks
from analytics.generations import GenerationRow
from analytics.products import ProductNames
from analytics.queries import Reports
from analytics.rebuild.commands import AnyRebuildCommand
from analytics.rebuild.decider import Rebuild, decider
from analytics.rebuild.events import REBUILD_EVENTS, AnyRebuildEvent
from common.application.command_handler import CommandHandler
from common.bootstrap import event_bus, outbox, records, repository, rows
from common.entrypoint.settings import from_environment
from common.infrastructure.resilience import AWS_CALLS


class Settings(BaseModel):
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
    return CommandHandler(decider, repository(REBUILD_EVENTS))


@cache
def settings() -> Settings:
    return from_environment(Settings)
