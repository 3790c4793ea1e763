"""Secrets Manager. What it says is kept for as long as the function's environment lives."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def read_secret(client: "SecretsManagerClient", name: str) -> dict[str, str]:
    secret: dict[str, str] = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
    return secret
