"""The composition root: the only place where the inventory domain meets AWS."""

from functools import cache, partial

from pydantic import BaseModel

from common.application.command_handler import CommandHandler
from common.bootstrap import cursors, event_bus, outbox, records, repository, rows
from common.entrypoint.settings import from_environment
from common.infrastructure.repository import DynamoRepository
from inventory.reservation.commands import AnyReservationCommand
from inventory.reservation.decider import Reservation, decider
from inventory.reservation.events import RESERVATION_EVENTS, AnyReservationEvent
from inventory.reservation.expiring import ExpiryNotes
from inventory.reservation.rows import along
from inventory.stock.events import STOCK_EVENTS, AnyStockEvent
from inventory.stock.rows import StockRows
from inventory.stock.words import Thresholds


class Settings(BaseModel):
    low_stock: int = 5  # the most that still counts as low
    plenty_of_stock: int = 8  # the least that counts as in stock again, once it was low


@cache
def reservations() -> CommandHandler[AnyReservationCommand, Reservation | None, AnyReservationEvent]:
    stream = repository(RESERVATION_EVENTS)
    return CommandHandler(decider, stream, partial(along, stock()))


@cache
def expiry_notes() -> ExpiryNotes:
    return ExpiryNotes(rows())


@cache
def thresholds() -> Thresholds:
    return Thresholds(settings().low_stock, settings().plenty_of_stock)


@cache
def stock_stream() -> DynamoRepository[AnyStockEvent]:
    return repository(STOCK_EVENTS)


@cache
def stock() -> StockRows:
    return StockRows(rows())


@cache
def settings() -> Settings:
    return from_environment(Settings)
