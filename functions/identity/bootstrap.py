"""The composition root: the only place where the identity domain meets AWS. Its gate has one of its own."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from common.entrypoint.pagination import Cursors
from common.entrypoint.settings import DomainSettings, PersonKeySettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.outbox import Outbox
from common.infrastructure.person_keys import PersonKeys
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.rows import Rows
from common.infrastructure.secrets import read_secret
from identity.access_tokens import Signer
from identity.credentials import Passwords
from identity.customers import Customers, Traces
from identity.events import CUSTOMER_EVENTS, SESSION_EVENTS
from identity.key_ring import KeyRing
from identity.mail_tokens import MailTokens
from identity.queries import AuditTrail
from identity.second_factor import SecondFactors
from identity.sessions import Sessions
from identity.throttle import Throttle

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient


class Settings(DomainSettings):
    issuer: str = ""
    admin_email: str = ""
    mail_link_key: str = ""
    second_factor_key: str = ""
    token_keys: str = ""  # the alias of what signs
    cursor_secret: str = ""


@cache
def customers() -> Customers:
    streams = DynamoRepository(dynamodb(), CUSTOMER_EVENTS, settings().events_table)
    return Customers(streams, rows(), person_keys())


@cache
def traces() -> Traces:
    return Traces(rows())


@cache
def person_keys() -> PersonKeys:
    given = from_environment(PersonKeySettings)
    # Nothing is kept: an address that was asked about before would answer sooner.
    return PersonKeys(dynamodb(), kms(), given.person_keys_table, given.person_master_key, kept=0)


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
def second_factors() -> SecondFactors:
    return SecondFactors(rows(), kms(), settings().second_factor_key)


@cache
def signer() -> Signer:
    return Signer(kms(), key_ring(), settings().issuer)


@cache
def key_ring() -> KeyRing:
    return KeyRing(kms(), settings().token_keys)


@cache
def audit_trail() -> AuditTrail:
    return AuditTrail(rows())


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
def settings() -> Settings:
    return from_environment(Settings)
