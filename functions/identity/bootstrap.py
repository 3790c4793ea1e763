"""The composition root: the only place where the identity domain meets AWS. Its gate has one of its own."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from common.entrypoint.settings import DomainSettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.outbox import Outbox
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.rows import Rows
from identity.access_tokens import Signer, jwks, public_keys
from identity.credentials import Passwords
from identity.customers import Customers
from identity.events import CUSTOMER_EVENTS, SESSION_EVENTS
from identity.mail_tokens import MailTokens
from identity.sessions import Sessions
from identity.throttle import Throttle

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient


class Settings(DomainSettings):
    issuer: str = ""
    admin_email: str = ""
    mail_link_key: str = ""
    token_keys: str = ""  # by their KMS ids, with commas between; the first one signs


@cache
def customers() -> Customers:
    return Customers(DynamoRepository(dynamodb(), CUSTOMER_EVENTS, settings().events_table), rows())


@cache
def sessions() -> Sessions:
    return Sessions(DynamoRepository(dynamodb(), SESSION_EVENTS, settings().events_table), rows())


@cache
def mail_tokens() -> MailTokens:
    return MailTokens(rows(), kms(), settings().mail_link_key)


@cache
def passwords() -> Passwords:
    return Passwords()


@cache
def throttle() -> Throttle:
    return Throttle(rows())


@cache
def signer() -> Signer:
    return Signer(kms(), _token_keys()[0], settings().issuer)


@cache
def published_keys() -> list[dict[str, str]]:
    return jwks(public_keys(kms(), _token_keys()))


def _token_keys() -> list[str]:
    return settings().token_keys.split(",")


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
def kms() -> "KMSClient":
    return boto3.client("kms", config=AWS_CALLS)


@cache
def settings() -> Settings:
    return from_environment(Settings)
