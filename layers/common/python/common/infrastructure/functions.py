"""Another function, asked while somebody waits."""

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ANSWERED_SOON = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 1})


class Answer(NamedTuple):
    """What it returned, or the name of the class of error that it failed with."""

    value: Any
    error: str | None = None


class Function:
    def __init__(self, client: "LambdaClient", name: str) -> None:
        self._client = client
        self._name = name

    def ask(self, event: dict[str, Any]) -> Answer | None:
        """None if there is no answer: it cannot be reached, or takes too long. It may run to its end all the same."""
        try:
            answer = self._client.invoke(FunctionName=self._name, Payload=json.dumps(event).encode())
        except (BotoCoreError, ClientError):
            return None
        value = json.loads(answer["Payload"].read())
        return Answer(None, value.get("errorType", "")) if "FunctionError" in answer else Answer(value)
