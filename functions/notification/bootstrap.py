"""The composition root: the only place where the notification domain meets AWS."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from common.entrypoint.pagination import Cursors
from common.entrypoint.settings import DomainSettings, PersonKeySettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.outbox import Outbox
from common.infrastructure.person_keys import PersonKeys
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.rows import Rows
from common.infrastructure.seals import Seals, by_kms, by_secret
from common.infrastructure.secrets import read_secret
from notification.contacts import Contacts
from notification.couriers import MailCourier, SmsCourier
from notification.events import NOTIFICATION_EVENTS, AnyNotificationEvent
from notification.journal import Journal
from notification.queries import Notifications

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Without the SDK's retries: what is sent again after a lost answer is sent twice, for nobody takes a key.
ONCE = AWS_CALLS.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


class Settings(DomainSettings):
    issuer: str = ""
    shop_name: str = ""
    mail_from: str = ""
    configuration_set: str = ""
    mail_link_key: str = ""
    mail_seal_secret: str = ""
    cursor_secret: str = ""


@cache
def contacts() -> Contacts:
    return Contacts(rows())


@cache
def journal() -> Journal:
    return Journal(rows(), streams())


@cache
def notifications() -> Notifications:
    return Notifications(rows())


@cache
def mail_courier() -> MailCourier:
    return MailCourier(boto3.client("sesv2", config=ONCE), settings().mail_from, settings().configuration_set)


@cache
def sms_courier() -> SmsCourier:
    return SmsCourier(boto3.client("sns", config=ONCE))


@cache
def links() -> Seals:
    """Of links that open an account. Identity has KMS verify them."""
    return Seals(by_kms(boto3.client("kms", config=AWS_CALLS), settings().mail_link_key))


@cache
def seals() -> Seals:
    """Of what every mail needs: its address, and the link that unsubscribes."""
    return Seals(by_secret(_secret(settings().mail_seal_secret)))


@cache
def person_keys() -> PersonKeys:
    given = from_environment(PersonKeySettings)
    kms = boto3.client("kms", config=AWS_CALLS)
    return PersonKeys(dynamodb(), kms, given.person_keys_table, given.person_master_key)


@cache
def streams() -> DynamoRepository[AnyNotificationEvent]:
    return DynamoRepository(dynamodb(), NOTIFICATION_EVENTS, settings().events_table)


@cache
def cursors() -> Cursors:
    return Cursors(_secret(settings().cursor_secret).encode())


def _secret(name: str) -> str:
    return read_secret(boto3.client("secretsmanager", config=AWS_CALLS), name)["key"]


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
