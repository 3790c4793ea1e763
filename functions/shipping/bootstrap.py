"""The composition root: the only place where the shipping domain meets AWS and the carrier."""

from functools import cache

from pydantic import BaseModel, Json

from common.application.command_handler import CommandHandler
from common.bootstrap import breaker, cursors, event_bus, outbox, person_keys, records, repository, rows, secret
from common.domain.shipping_rates import ShippingRates
from common.entrypoint.settings import SandboxUrl, from_environment
from shipping.commands import ShipmentCommand
from shipping.decider import Consignment, decider
from shipping.easypost import BASE_URL, EasyPost, Sender, easypost_api
from shipping.events import SHIPMENT_EVENTS, AnyShipmentEvent
from shipping.queries import Doubts, Products, TrackingNumbers


class QuoteSettings(BaseModel):
    shipping_rates: Json[ShippingRates]


class CarrierSettings(BaseModel):
    """For the function that talks to the carrier."""

    easypost_secret: str  # its name
    sender: Json[Sender]
    sandbox_url: SandboxUrl = ""  # which no template sets


@cache
def shipments() -> CommandHandler[ShipmentCommand, Consignment | None, AnyShipmentEvent]:
    return CommandHandler(decider, repository(SHIPMENT_EVENTS))


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
def carrier() -> EasyPost:
    given = carrier_settings()
    api = easypost_api(carrier_keys()["api_key"], given.sandbox_url or BASE_URL)
    return EasyPost(api, breaker("easypost"), given.sender)


@cache
def carrier_keys() -> dict[str, str]:
    return secret(carrier_settings().easypost_secret)


@cache
def carrier_settings() -> CarrierSettings:
    return from_environment(CarrierSettings)
