"""A request to a payment or shipping provider at the seam: answered by its sandbox, or made to fail."""

import json
from io import BytesIO
from typing import Protocol

import urllib3


class Provider(Protocol):
    """A sandbox server, in process."""

    def handle(
        self, method: str, path_and_query: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]: ...

    def operation(self, method: str, path_and_query: str, body: bytes = b"") -> str: ...


class ProviderChannel:
    """One request to a payment or shipping provider."""

    def __init__(
        self,
        pool: urllib3.HTTPConnectionPool,
        provider: Provider,
        request: tuple[str, str, dict[str, str], bytes],
    ) -> None:
        self._pool, self._provider, self._request = pool, provider, request

    def perform(self) -> urllib3.BaseHTTPResponse:
        return self._response(*self._provider.handle(*self._request))

    perform_in_part = perform

    def perform_twice(self) -> urllib3.BaseHTTPResponse:
        self.perform()
        return self.perform()

    def throttled(self) -> urllib3.BaseHTTPResponse:
        return self._response(429, {"retry-after": "1"}, _provider_error("rate_limit", "Too many requests."))

    def broken(self) -> urllib3.BaseHTTPResponse:
        return self._response(500, {}, _provider_error("api_error", "Something went wrong on our end."))

    def conflicting(self) -> urllib3.BaseHTTPResponse:
        return self._response(409, {}, _provider_error("idempotency_error", "Another request is in progress."))

    def unreachable(self) -> urllib3.BaseHTTPResponse:
        raise urllib3.exceptions.ConnectTimeoutError(self._pool, f"Connection to {self._pool.host} timed out.")

    def silent(self) -> urllib3.BaseHTTPResponse:
        raise urllib3.exceptions.ReadTimeoutError(self._pool, self._request[1], "Read timed out.")

    def _response(self, status: int, headers: dict[str, str], body: bytes) -> urllib3.BaseHTTPResponse:
        return urllib3.HTTPResponse(
            BytesIO(body), headers, status, preload_content=True, request_method=self._request[0]
        )


def _provider_error(kind: str, message: str) -> bytes:
    return json.dumps({"error": {"type": kind, "code": kind, "message": message}}).encode()
