"""The composition root: the only place where the shipping domain meets AWS and the carrier."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from pydantic import BaseModel, Json

from common.application.command_handler import CommandHandler
from common.domain.shipping_rates import ShippingRates
from common.entrypoint.pagination import Cursors
from common.entrypoint.settings import DomainSettings, PersonKeySettings, SandboxUrl, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.idempotency import IdempotencyRecords
from common.infrastructure.outbox import Outbox
from common.infrastructure.person_keys import PersonKeys
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS, Breaker
from common.infrastructure.rows import Rows
from common.infrastructure.secrets import read_secret
from shipping.commands import ShipmentCommand
from shipping.decider import Consignment, decider
from shipping.easypost import BASE_URL, EasyPost, Sender, easypost_api
from shipping.events import SHIPMENT_EVENTS, AnyShipmentEvent
from shipping.queries import Doubts, Products, TrackingNumbers

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class QuoteSettings(BaseModel):
    shipping_rates: Json[ShippingRates]


class ListSettings(BaseModel):
    cursor_secret: str  # its name


class CarrierSettings(BaseModel):
    """For the function that talks to the carrier."""

    easypost_secret: str  # its name
    sender: Json[Sender]
    sandbox_url: SandboxUrl = ""  # which no template sets


@cache
def shipments() -> CommandHandler[ShipmentCommand, Consignment | None, AnyShipmentEvent]:
    return CommandHandler(decider, DynamoRepository(dynamodb(), SHIPMENT_EVENTS, settings().events_table))


@cache
def tracking_numbers() -> TrackingNumbers:
    return TrackingNumbers(rows())


@cache
def doubts() -> Doubts:
    return Doubts(rows())


@cache
def products() -> Products:
    return Products(rows())


@cache
def shipping_rates() -> ShippingRates:
    return from_environment(QuoteSettings).shipping_rates


@cache
def cursors() -> Cursors:
    secret = read_secret(boto3.client("secretsmanager", config=AWS_CALLS), from_environment(ListSettings).cursor_secret)
    return Cursors(secret["key"].encode())


@cache
def person_keys() -> PersonKeys:
    given = from_environment(PersonKeySettings)
    kms = boto3.client("kms", config=AWS_CALLS)
    return PersonKeys(dynamodb(), kms, given.person_keys_table, given.person_master_key)


@cache
def records() -> IdempotencyRecords:
    return IdempotencyRecords(rows())


@cache
def carrier() -> EasyPost:
    given = carrier_settings()
    breaker = Breaker("easypost", dynamodb(), settings().state_table)
    api = easypost_api(secret()["api_key"], given.sandbox_url or BASE_URL)
    return EasyPost(api, breaker, given.sender)


@cache
def secret() -> dict[str, str]:
    return read_secret(boto3.client("secretsmanager", config=AWS_CALLS), carrier_settings().easypost_secret)


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
def carrier_settings() -> CarrierSettings:
    return from_environment(CarrierSettings)


@cache
def settings() -> DomainSettings:
    return from_environment(DomainSettings)
