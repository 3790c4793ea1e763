"""The composition root: the only place where the order domain meets AWS."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from pydantic import BaseModel, Json

from common.application.command_handler import CommandHandler
from common.domain.shipping_rates import ShippingRates
from common.entrypoint.pagination import Cursors
from common.entrypoint.settings import DomainSettings, PersonKeySettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.idempotency import IdempotencyRecords
from common.infrastructure.outbox import Outbox
from common.infrastructure.person_keys import PersonKeys
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.rows import Rows
from common.infrastructure.secrets import read_secret
from order.catalogue import Catalogue
from order.commands import OrderCommand
from order.decider import decider
from order.events import ORDER_EVENTS, AnyOrderEvent
from order.facts import Facts
from order.pricing import TaxRates
from order.queries import OrderIndex, Watch
from order.returns.waiting import Waiting
from order.state import Order

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Settings(DomainSettings):
    cursor_secret: str = ""


class PriceSettings(BaseModel):
    """The tables of cdk/, for who prices."""

    shipping_rates: Json[ShippingRates]
    tax_rates: Json[TaxRates]


@cache
def orders() -> CommandHandler[OrderCommand, Order | None, AnyOrderEvent]:
    return CommandHandler(decider, streams(), along=catalogue().along)


@cache
def streams() -> DynamoRepository[AnyOrderEvent]:
    return DynamoRepository(dynamodb(), ORDER_EVENTS, settings().events_table)


@cache
def catalogue() -> Catalogue:
    return Catalogue(rows())


@cache
def facts() -> Facts:
    return Facts(rows())


@cache
def index() -> OrderIndex:
    return OrderIndex(rows())


@cache
def watch() -> Watch:
    return Watch(rows())


@cache
def waiting() -> Waiting:
    return Waiting(rows(), boto3.client("stepfunctions", config=AWS_CALLS))


@cache
def records() -> IdempotencyRecords:
    return IdempotencyRecords(rows(), person_keys())


@cache
def person_keys() -> PersonKeys:
    given = from_environment(PersonKeySettings)
    kms = boto3.client("kms", config=AWS_CALLS)
    return PersonKeys(dynamodb(), kms, given.person_keys_table, given.person_master_key)


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
def price_settings() -> PriceSettings:
    return from_environment(PriceSettings)


@cache
def settings() -> Settings:
    return from_environment(Settings)
