"""What the creators of resources share: clients, and the shapes that CloudFormation and the API write differently."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from local.assembly import REGION, Created

Properties = dict[str, Any]


class Aws:
    """The operator's clients by service."""

    def __call__(self, service: str) -> Any:
        return _client(service)


@cache
def _client(service: str) -> Any:
    """Made once per process: it holds no state of a platform."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}, account_id_endpoint_mode="disabled"),
    )


Creator = Callable[[Aws, str, Properties], Created]


def without(properties: Properties, *names: str) -> Properties:
    return {key: value for key, value in properties.items() if key not in names}


def tags(properties: Properties) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}


def text(value: Any) -> str:
    """An attribute as the API wants it: a string, whatever the template made of it."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def camel(value: Any) -> Any:
    """CloudFormation's PascalCase keys as the lowerCamelCase that some APIs use."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: camel(item) for key, item in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


def numbers(value: Any) -> Any:
    """Templates may write numbers as strings; the API may not."""
    if isinstance(value, dict):
        return {key: numbers(item) for key, item in value.items()}
    return int(value) if isinstance(value, str) and value.isdigit() else value
