"""How we call what may be slow, down or in doubt: time-outs, one layer of retries, a breaker that all instances share.

Retries happen at one layer. AWS calls: in the SDK, as AWS_CALLS says. Providers: in the saga and the queue, never
here, so that a slow provider is not asked nine times for one task.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import urllib3
from aws_lambda_powertools.utilities.circuit_breaker import (
    CircuitBreakerConfig,
    CircuitBreakerOpenError,
    circuit_breaker,
)
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerDynamoDBPersistence
from botocore.config import Config

from common.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AWS_CALLS = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})

COOL_DOWN = 30  # seconds a breaker stays open before one probe

R = TypeVar("R")


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
    """A circuit per provider, its state in the rows of the domain: five failures in a row open it for all instances."""

    def __init__(self, name: str, client: "DynamoDBClient", table: str) -> None:
        self._name = name
        self._store = CircuitBreakerDynamoDBPersistence(
            table_name=table,
            key_attr="pk",
            static_pk_value="breaker",
            sort_key_attr="sk",
            expiry_attr="expires_at",
            boto3_client=client,
        )
        self._config = CircuitBreakerConfig(
            failure_threshold=5,
            recovery_timeout=COOL_DOWN,
            success_threshold=1,
            handled_exceptions=(ProviderDown, OutcomeUnknown),
        )

    def call(self, function: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Raise ProviderDown at once, without a call, while the breaker is open."""
        guarded = circuit_breaker(name=self._name, persistence_store=self._store, config=self._config)(function)
        try:
            answer: R = guarded(*args, **kwargs)
        except CircuitBreakerOpenError as error:
            raise ProviderDown("The provider is left alone for a while.", retry_after=COOL_DOWN) from error
        return answer
