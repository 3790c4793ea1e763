"""A call of the AWS API, as a boto3 client is asked for it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ApiCall:
    """What the SDK is asked to do, as its client knows it."""

    service: str
    operation: str
    parameters: dict[str, Any]
    protocol: str
