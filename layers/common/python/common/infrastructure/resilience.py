"""How we call what may be slow, down or in doubt: time-outs, one layer of retries, a breaker that all instances share.

Retries happen at one layer. AWS calls: in the SDK, as AWS_CALLS says. Providers: in the saga and the queue, never
here, so that a slow provider is not asked nine times for one task.
"""

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.retries.standard import RetryContext, ThrottledRetryableChecker

from common.domain.errors import ConcurrentWrite, Unavailable
from common.infrastructure.rows import Row, Rows

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AWS_CALLS = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})

_THROTTLED = ThrottledRetryableChecker()

TOO_MANY = 5  # failures in a row
COOL_DOWN = 30  # seconds that a provider is left alone before someone tries again
PROBE = 10  # seconds for that one to come to an end, before another may try

R = TypeVar("R")


def aws_is_down(error: Exception) -> bool:
    """Whether it says that AWS does not answer, or asks us to wait. The SDK has tried as often as it may by then."""
    if isinstance(error, ClientError):
        throttled = _THROTTLED.is_retryable(RetryContext(1, parsed_response=error.response))
        return throttled or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
    return isinstance(error, ConnectionError | HTTPClientError)


class ProviderDown(Unavailable):
    """It refused the connection, answered 5xx or 429, or its breaker is open: nothing was done there."""


class OutcomeUnknown(Unavailable):
    """The answer was lost. It may have been done: ask before deciding."""


class HttpAnswer(NamedTuple):
    status: int
    body: bytes


class ProviderApi:
    """HTTPS to a provider, with time-outs and without retries."""

    def __init__(self, base_url: str, headers: Mapping[str, str]) -> None:
        self._base_url = base_url
        self._headers = dict(headers)

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Any answer below 500 but 429. Raise ProviderDown or OutcomeUnknown otherwise."""
        try:
            answer = _connections().request(
                method, self._base_url + path, body=body or None, headers={**self._headers, **(headers or {})}
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise ProviderDown("The provider cannot be reached.", retry_after=COOL_DOWN) from error
        except urllib3.exceptions.HTTPError as error:
            raise OutcomeUnknown("The provider did not answer in time.", retry_after=COOL_DOWN) from error
        if answer.status == 429:
            raise ProviderDown("The provider asks us to wait.", retry_after=COOL_DOWN)
        if answer.status >= 500:
            raise OutcomeUnknown(f"The provider answered {answer.status}.", retry_after=COOL_DOWN)
        return HttpAnswer(answer.status, answer.data)


@cache
def _connections() -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=6), retries=False)


class Breaker:
    """One circuit per provider, for all instances of all functions of a domain: it is a row of theirs.

        failures     since the last success, whoever met them; five open the circuit
        left_alone   until this second nobody calls. Who comes after it moves it on, and so is the only one to try

    Where the row cannot be read or written the provider is called: a breaker must not be an outage of its own.
    """

    def __init__(self, name: str, client: "DynamoDBClient", table: str) -> None:
        self._name = name
        self._rows = Rows(client, table)

    def call(self, function: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Raise ProviderDown at once, without a call, while the circuit is open."""
        state = self._read()
        if left_alone := state.get("left_alone"):
            self._try_alone(left_alone)
        try:
            answer = function(*args, **kwargs)
        except (ProviderDown, OutcomeUnknown):
            self._failed(opened=bool(left_alone))
            raise
        if left_alone:
            self._note("REMOVE #failures, #left_alone")
        elif state.get("failures"):
            self._note("REMOVE #failures")  # if others have opened it meanwhile, it stays open
        return answer

    def _try_alone(self, left_alone: int) -> None:
        """Raise unless the cool-down is over, and nobody else has seen that first."""
        now = int(time.time())
        seen = {"seen": left_alone, "until": now + PROBE}
        if now < left_alone or not self._note("SET #left_alone = :until", "#left_alone = :seen", **seen):
            wait = max(left_alone - now, 1)
            raise ProviderDown("The provider is left alone for a while.", retry_after=wait)

    def _failed(self, opened: bool) -> None:
        row = self._note("ADD #failures :one", one=1) or {}
        if opened or row.get("failures", 0) >= TOO_MANY:
            self._note("SET #left_alone = :until", until=int(time.time()) + COOL_DOWN)

    def _read(self) -> Row:
        try:
            return self._rows.get("breaker", self._name) or {}
        except (BotoCoreError, ClientError):
            return {}

    def _note(self, change: str, condition: str = "", /, **values: Any) -> Row | None:
        """The row after the change; None if the condition did not hold."""
        try:
            return self._rows.update("breaker", self._name, change, condition, **values)
        except (BotoCoreError, ClientError, ConcurrentWrite):
            return {}
