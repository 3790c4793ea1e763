"""The composition root: the only place where the notification domain meets AWS."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from common.entrypoint.pagination import Cursors
from common.entrypoint.settings import DomainSettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.outbox import Outbox
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.rows import Rows
from common.infrastructure.secrets import read_secret
from notification.events import NOTIFICATION_EVENTS, NotificationSent
from notification.queries import Contacts, Notifications

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_sesv2 import SESV2Client


class Settings(DomainSettings):
    issuer: str = ""
    mail_from: str = ""
    mail_link_key: str = ""
    cursor_secret: str = ""


@cache
def contacts() -> Contacts:
    return Contacts(rows())


@cache
def notifications() -> Notifications:
    return Notifications(rows())


@cache
def streams() -> DynamoRepository[NotificationSent]:
    return DynamoRepository(dynamodb(), NOTIFICATION_EVENTS, settings().events_table)


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
def kms() -> "KMSClient":
    return boto3.client("kms", config=AWS_CALLS)


@cache
def ses() -> "SESV2Client":
    """Without the SDK's retries: SES takes no key, and a mail sent again after a lost answer is two mails."""
    once = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return boto3.client("sesv2", config=AWS_CALLS.merge(once))


@cache
def settings() -> Settings:
    return from_environment(Settings)
