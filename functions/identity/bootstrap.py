"""The composition root: the only place where the identity domain meets AWS. Its gate has one of its own."""

from functools import cache

from pydantic import BaseModel

from common.bootstrap import cursors, dynamodb, event_bus, kms, outbox, repository, rows
from common.entrypoint.settings import PersonKeySettings, from_environment
from common.infrastructure.person_keys import PersonKeys
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


class Settings(BaseModel):
    issuer: str = ""
    admin_email: str = ""
    mail_link_key: str = ""
    second_factor_key: str = ""
    token_keys: str = ""  # the alias of what signs


@cache
def customers() -> Customers:
    streams = repository(CUSTOMER_EVENTS)
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
    return Sessions(repository(SESSION_EVENTS), rows())


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
def settings() -> Settings:
    return from_environment(Settings)
