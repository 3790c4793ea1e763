"""What an order asks shipping while a customer waits: has anything left?

Order hears of a departure from shipping's events, a second or two after it. Who cancels in between is told at once that
it is too late, because shipping is asked. No answer is not a no: then the cancellation is taken, and its saga finds
out, as it does when goods leave after the question (docs/decisions/0015).
"""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from common.domain.message import Origin

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Departures:
    """`function` takes shipping's tasks."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def known(self, order_id: str, origin: Origin) -> bool:
        """Whether goods of the order have left for certain."""
        asked = {"command": {"type": "HasAnythingLeft", "order_id": order_id}, "origin": origin.model_dump(mode="json")}
        try:
            answer = self._client.invoke(FunctionName=self._function, Payload=json.dumps(asked).encode())
        except (BotoCoreError, ClientError):
            return False
        return "FunctionError" not in answer and bool(json.loads(answer["Payload"].read())["left"])
