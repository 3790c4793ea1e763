"""The composition root: the only place where the payment domain meets AWS and Stripe."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from common.application.command_handler import CommandHandler
from common.entrypoint.pagination import Cursors
from common.entrypoint.settings import DomainSettings, SandboxUrl, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.idempotency import IdempotencyRecords
from common.infrastructure.inbox import Inbox
from common.infrastructure.outbox import Outbox
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS, Breaker
from common.infrastructure.rows import Rows
from common.infrastructure.secrets import read_secret
from payment.books import Ledger, OrdersSeen
from payment.decider import decider
from payment.events import PAYMENT_EVENTS, AnyPaymentEvent
from payment.news import News
from payment.payments import Payments, Streams
from payment.reconciliation.provider_log import ProviderLog
from payment.reconciliation.stripe_log import StripeLog
from payment.stripe import BASE_URL, Stripe, stripe_api

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Settings(DomainSettings):
    stripe_secret: str = ""
    cursor_secret: str = ""
    return_url: str = ""
    sandbox_url: SandboxUrl = ""  # which no template sets


@cache
def payments() -> Payments:
    return Payments(streams(), stripe())


@cache
def news() -> News:
    return News(streams(), stripe())


@cache
def streams() -> Streams:
    return CommandHandler(decider, repository())


@cache
def repository() -> DynamoRepository[AnyPaymentEvent]:
    return DynamoRepository(dynamodb(), PAYMENT_EVENTS, settings().events_table)


@cache
def stripe() -> Stripe:
    breaker = Breaker("stripe", dynamodb(), settings().state_table)
    api = stripe_api(stripe_keys()["api_key"], settings().sandbox_url or BASE_URL)
    return Stripe(api, breaker, settings().return_url)


@cache
def provider_log() -> ProviderLog:
    return StripeLog(stripe())


@cache
def stripe_keys() -> dict[str, str]:
    """`api_key` and `webhook_secret`."""
    return read_secret(boto3.client("secretsmanager", config=AWS_CALLS), settings().stripe_secret)


@cache
def ledger() -> Ledger:
    return Ledger(rows())


@cache
def orders_seen() -> OrdersSeen:
    return OrdersSeen(rows())


@cache
def webhook_inbox() -> Inbox:
    return Inbox(settings().state_table, "stripe")


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
