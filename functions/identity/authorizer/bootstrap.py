"""The composition root of the gate, without the tables of the domain."""

from functools import cache

import boto3
from pydantic import BaseModel

from common.entrypoint.settings import from_environment
from common.infrastructure.resilience import AWS_CALLS
from identity.access_tokens import Verifier, public_keys


class Settings(BaseModel):
    issuer: str
    token_keys: str  # by their KMS ids, with commas between; the first one signs


@cache
def verifier() -> Verifier:
    settings = from_environment(Settings)
    kms = boto3.client("kms", config=AWS_CALLS)
    return Verifier(public_keys(kms, settings.token_keys.split(",")), settings.issuer)
