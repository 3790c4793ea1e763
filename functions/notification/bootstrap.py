"""The composition root: the only place where the notification domain meets AWS."""

from functools import cache

import boto3
from botocore.config import Config
from pydantic import BaseModel

from common.bootstrap import cursors, event_bus, kms, outbox, person_keys, repository, rows, secret
from common.entrypoint.settings import from_environment
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.seals import Seals, by_kms, by_secret
from notification.contacts import Contacts
from notification.couriers import MailCourier, SmsCourier
from notification.events import NOTIFICATION_EVENTS, AnyNotificationEvent
from notification.journal import Journal
from notification.queries import Notifications

# Without the SDK's retries: what is sent again after a lost answer is sent twice, for nobody takes a key.
ONCE = AWS_CALLS.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


class Settings(BaseModel):
    issuer: str = ""
    shop_name: str = ""
    mail_from: str = ""
    configuration_set: str = ""
    mail_link_key: str = ""
    mail_seal_secret: str = ""


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
    return Seals(by_kms(kms(), settings().mail_link_key))


@cache
def seals() -> Seals:
    """Of what every mail needs: its address, and the link that unsubscribes."""
    return Seals(by_secret(secret(settings().mail_seal_secret)["key"]))


@cache
def streams() -> DynamoRepository[AnyNotificationEvent]:
    return repository(NOTIFICATION_EVENTS)


@cache
def settings() -> Settings:
    return from_environment(Settings)
