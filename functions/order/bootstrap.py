"""The composition root: the only place where the order domain meets AWS."""

from functools import cache

import boto3
from pydantic import BaseModel, Json

from common.application.command_handler import CommandHandler
from common.bootstrap import cursors, event_bus, outbox, person_keys, repository, rows
from common.domain.shipping_rates import ShippingRates
from common.entrypoint.settings import from_environment
from common.infrastructure.functions import ANSWERED_SOON, Function
from common.infrastructure.idempotency import IdempotencyRecords
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS
from order.catalogue import Catalogue
from order.commands import OrderCommand
from order.decider import decider
from order.departures import Departures
from order.events import ORDER_EVENTS, AnyOrderEvent
from order.facts import Facts
from order.pricing import TaxRates
from order.queries import OrderIndex, Watch
from order.returns.waiting import Waiting
from order.state import Order


class ShippingSettings(BaseModel):
    """For who asks shipping."""

    shipping_tasks: str  # the function's name


class PriceSettings(BaseModel):
    """The tables of cdk/, for who prices."""

    shipping_rates: Json[ShippingRates]
    tax_rates: Json[TaxRates]


@cache
def orders() -> CommandHandler[OrderCommand, Order | None, AnyOrderEvent]:
    return CommandHandler(decider, streams(), along=catalogue().along)


@cache
def streams() -> DynamoRepository[AnyOrderEvent]:
    return repository(ORDER_EVENTS)


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
def departures() -> Departures:
    tasks = from_environment(ShippingSettings).shipping_tasks
    return Departures(Function(boto3.client("lambda", config=ANSWERED_SOON), tasks))


@cache
def waiting() -> Waiting:
    return Waiting(rows(), boto3.client("stepfunctions", config=AWS_CALLS))


@cache
def records() -> IdempotencyRecords:
    """An order's answer says where somebody lives."""
    return IdempotencyRecords(rows(), person_keys())


@cache
def price_settings() -> PriceSettings:
    return from_environment(PriceSettings)
