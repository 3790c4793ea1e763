"""The composition root: the only place where the inventory domain meets AWS."""

from functools import cache, partial
from typing import TYPE_CHECKING

import boto3

from common.application.command_handler import CommandHandler
from common.entrypoint.pagination import Cursors
from common.entrypoint.settings import DomainSettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.idempotency import IdempotencyRecords
from common.infrastructure.outbox import Outbox
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.rows import Rows
from common.infrastructure.secrets import read_secret
from inventory.reservation.commands import AnyReservationCommand
from inventory.reservation.decider import Reservation, decider
from inventory.reservation.events import RESERVATION_EVENTS, AnyReservationEvent
from inventory.reservation.expiring import ExpiryNotes
from inventory.reservation.rows import along
from inventory.stock.events import STOCK_EVENTS, AnyStockEvent
from inventory.stock.rows import StockRows
from inventory.stock.words import Thresholds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Settings(DomainSettings):
    cursor_secret: str = ""
    low_stock: int = 5  # the most that still counts as low
    plenty_of_stock: int = 8  # the least that counts as in stock again, once it was low


@cache
def reservations() -> CommandHandler[AnyReservationCommand, Reservation | None, AnyReservationEvent]:
    stream = DynamoRepository[AnyReservationEvent](dynamodb(), RESERVATION_EVENTS, settings().events_table)
    return CommandHandler(decider, stream, partial(along, stock()))


@cache
def expiry_notes() -> ExpiryNotes:
    return ExpiryNotes(rows())


@cache
def thresholds() -> Thresholds:
    return Thresholds(settings().low_stock, settings().plenty_of_stock)


@cache
def stock_stream() -> DynamoRepository[AnyStockEvent]:
    return DynamoRepository(dynamodb(), STOCK_EVENTS, settings().events_table)


@cache
def stock() -> StockRows:
    return StockRows(rows())


@cache
def records() -> IdempotencyRecords:
    return IdempotencyRecords(rows())


@cache
def cursors() -> Cursors:
    secret = read_secret(boto3.client("secretsmanager", config=AWS_CALLS), settings().cursor_secret)
    return Cursors(secret["key"].encode())


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
