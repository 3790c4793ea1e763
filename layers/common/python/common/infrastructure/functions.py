"""Another function, asked while somebody waits."""

import json
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ANSWERED_SOON = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 1})


class Function:
    def __init__(self, client: "LambdaClient", name: str) -> None:
        self._client = client
        self._name = name

    def ask(self, event: dict[str, Any]) -> dict[str, Any] | None:
        """None if there is no answer: it cannot be reached, takes too long, or fails."""
        try:
            answer = self._client.invoke(FunctionName=self._name, Payload=json.dumps(event).encode())
        except (BotoCoreError, ClientError):
            return None
        return None if "FunctionError" in answer else json.loads(answer["Payload"].read())
