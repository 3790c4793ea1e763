"""The composition root: the only place where the payment domain meets AWS and Stripe."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from common.application.command_handler import CommandHandler
from common.entrypoint.settings import DomainSettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.idempotency import IdempotencyRecords
from common.infrastructure.inbox import Inbox
from common.infrastructure.outbox import Outbox
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS, Breaker
from common.infrastructure.rows import Rows
from common.infrastructure.secrets import read_secret
from payment.decider import decider
from payment.events import PAYMENT_EVENTS
from payment.payments import Payments, Streams
from payment.queries import Ledger
from payment.stripe import Stripe, stripe_api

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Settings(DomainSettings):
    stripe_secret: str = ""
    return_url: str = ""


@cache
def payments() -> Payments:
    return Payments(streams(), stripe())


@cache
def streams() -> Streams:
    return CommandHandler(decider, DynamoRepository(dynamodb(), PAYMENT_EVENTS, settings().events_table))


@cache
def stripe() -> Stripe:
    breaker = Breaker("stripe", dynamodb(), settings().state_table)
    return Stripe(stripe_api(stripe_keys()["api_key"]), breaker, settings().return_url)


@cache
def stripe_keys() -> dict[str, str]:
    """`api_key` and `webhook_secret`."""
    return read_secret(boto3.client("secretsmanager", config=AWS_CALLS), settings().stripe_secret)


@cache
def ledger() -> Ledger:
    return Ledger(rows())


@cache
def ledger_inbox() -> Inbox:
    return Inbox(settings().state_table, "ledger")


@cache
def webhook_inbox() -> Inbox:
    return Inbox(settings().state_table, "stripe")


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
