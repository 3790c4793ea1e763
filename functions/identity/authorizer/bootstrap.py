"""The composition root of the gate, without the tables of the domain."""

from datetime import datetime, timedelta
from functools import cache

import boto3
from pydantic import BaseModel

from common.entrypoint.settings import from_environment
from common.infrastructure.resilience import AWS_CALLS
from identity.access_tokens import Verifier
from identity.key_ring import READ_EVERY, KeyRing


class Settings(BaseModel):
    issuer: str
    token_keys: str  # the alias of what signs


def verifier(now: datetime, age: timedelta = READ_EVERY) -> Verifier:
    """By the keys as they were read less than `age` ago."""
    return Verifier(key_ring().at(now, age).public, settings().issuer)


@cache
def key_ring() -> KeyRing:
    return KeyRing(boto3.client("kms", config=AWS_CALLS), settings().token_keys)


@cache
def settings() -> Settings:
    return from_environment(Settings)
