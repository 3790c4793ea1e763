"""The composition root: the only place where the payment domain meets AWS and Stripe."""

from functools import cache

from pydantic import BaseModel

from common.application.command_handler import CommandHandler
from common.bootstrap import breaker, cursors, event_bus, outbox, records, repository, rows, secret
from common.entrypoint.settings import SandboxUrl, from_environment
from common.infrastructure.inbox import Inbox
from common.infrastructure.repository import DynamoRepository
from payment.books import Ledger, OrdersSeen
from payment.decider import decider
from payment.events import PAYMENT_EVENTS, AnyPaymentEvent
from payment.news import News
from payment.payments import Payments, Streams
from payment.reconciliation.provider_log import ProviderLog
from payment.reconciliation.stripe_log import StripeLog
from payment.stripe import BASE_URL, Stripe, stripe_api


class Settings(BaseModel):
    stripe_secret: str = ""
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
    return CommandHandler(decider, history())


@cache
def history() -> DynamoRepository[AnyPaymentEvent]:
    return repository(PAYMENT_EVENTS)


@cache
def stripe() -> Stripe:
    api = stripe_api(stripe_keys()["api_key"], settings().sandbox_url or BASE_URL)
    return Stripe(api, breaker("stripe"), settings().return_url)


@cache
def provider_log() -> ProviderLog:
    return StripeLog(stripe())


@cache
def stripe_keys() -> dict[str, str]:
    """`api_key` and `webhook_secret`."""
    return secret(settings().stripe_secret)


@cache
def ledger() -> Ledger:
    return Ledger(rows())


@cache
def orders_seen() -> OrdersSeen:
    return OrdersSeen(rows())


@cache
def webhook_inbox() -> Inbox:
    return Inbox(rows().table, "stripe")


@cache
def settings() -> Settings:
    return from_environment(Settings)
