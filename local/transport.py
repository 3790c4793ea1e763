"""Replaces the transport beneath boto3 and urllib3 while a platform is up: the SDK's own retries stay real."""

import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Protocol, cast
from urllib.parse import urlparse

import botocore.awsrequest
import botocore.client
import botocore.httpsession
import botocore.signers
import moto.backend_index as index
import urllib3
import urllib3.connectionpool
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from moto.backends import get_backend
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.core.exceptions import HTTPException
from moto.core.request import normalize_request

from local import partial
from local.assembly import ACCOUNT, REGION
from local.aws_error import AwsError, conflict, internal, throttled
from local.identity import Caller
from local.scheduler import REAL_SLEEP, Scheduler
from local.seam import Seam

DELIVERIES: Final = {"PutEvents", "SendMessage", "SendMessageBatch", "Publish", "Invoke", "StartExecution"}
INSTEAD: Final = {"apigateway": "apigatewayv2"}  # they share a host, and the first wants packages of no use to us


@dataclass(frozen=True)
class ApiCall:
    """What the SDK is asked to do, as its client knows it."""

    service: str
    operation: str
    parameters: dict[str, Any]
    protocol: str


class Provider(Protocol):
    """A sandbox server, in process."""

    def handle(
        self, method: str, path_and_query: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]: ...

    def operation(self, method: str, path_and_query: str, body: bytes = b"") -> str: ...


class Guard(Protocol):
    def __call__(self, call: ApiCall) -> None:
        """Raise AwsError for what AWS would refuse and moto would not."""
        ...


MotoAnswer = tuple[int, Any, Any]  # status, headers, body
Notice = Callable[[ApiCall], None]  # told of what AWS has accepted

REPLACED: Final = (
    (botocore.client.BaseClient, "_make_api_call"),
    (botocore.httpsession.URLLib3Session, "send"),
    (urllib3.connectionpool.HTTPConnectionPool, "urlopen"),
    (botocore.signers.RequestSigner, "handler"),
)

_asked: ContextVar[ApiCall | None] = ContextVar("asked", default=None)


class MotoRoutes:
    """moto's own routing of requests to backends, remembered per host."""

    def __init__(self) -> None:
        self._hosts: dict[str, list[tuple[re.Pattern[str], Any]]] = {}
        self._stubber = BotocoreStubber()

    def answer(self, request: AWSPreparedRequest) -> MotoAnswer:
        url = urlparse(request.url)
        host = f"{url.scheme}://{url.netloc}"
        if ".s3." not in host and "//s3." not in host:
            for path, respond in self._routes(host):
                if path.match(f"{host}{url.path}"):
                    normalized = normalize_request(request)
                    try:
                        return cast(MotoAnswer, respond(normalized, normalized.raw_url, normalized.headers))
                    except HTTPException as error:
                        return error.code, error.get_headers(), error.get_body()
        answer: MotoAnswer | None = self._stubber.process_request(request)
        if answer is None:
            raise NotImplementedError(f"moto does not answer {request.url}")
        return answer

    def _routes(self, host: str) -> list[tuple[re.Pattern[str], Any]]:
        if host not in self._hosts:
            self._hosts[host] = []
            for service, pattern in index.backend_url_patterns:
                if pattern.match(host):
                    regions = get_backend(INSTEAD.get(service, service))[ACCOUNT]
                    backend = regions["us-east-1" if "us-east-1" in regions else "aws"]
                    self._hosts[host] += [(re.compile(path), respond) for path, respond in backend.urls.items()]
        return self._hosts[host]


class AwsChannel:
    """One request of a boto3 client."""

    def __init__(self, transport: "Transport", request: AWSPreparedRequest, call: ApiCall, caller: Caller) -> None:
        self._transport, self._request, self._call, self._caller = transport, request, call, caller

    def perform(self) -> AWSResponse:
        try:
            if self._caller.kind != "operator":
                self._transport.guard(self._call)
            response = self._response(*self._transport.routes.answer(self._request))
        except AwsError as error:
            return self._refused(error)
        if response.status_code < 300:
            self._transport.notice(self._call)
        return response

    def perform_in_part(self) -> AWSResponse:
        split = partial.leave_one_out(self._call.operation, json.loads(cast(bytes, self._request.body)))
        if split is None:
            return self.broken()
        remaining, merge = split
        answer: dict[str, Any] = {}
        if remaining is not None:
            request = replace_body(self._request, json.dumps(remaining).encode())
            answer = json.loads(AwsChannel(self._transport, request, self._call, self._caller).perform().content)
        return self._response(200, {"content-type": "application/x-amz-json-1.1"}, json.dumps(merge(answer)).encode())

    def perform_twice(self) -> AWSResponse:
        """Double what is delivered because of the call. A call that delivers nothing stays as it is."""
        if self._call.service == "dynamodb":
            with self._transport.records_twice():
                return self.perform()
        answer = self.perform()
        if self._call.operation in DELIVERIES:
            self.perform()
        return answer

    def throttled(self) -> AWSResponse:
        return self._refused(throttled(self._call.service))

    def broken(self) -> AWSResponse:
        return self._refused(internal(self._call.service))

    def conflicting(self) -> AWSResponse:
        items = len(self._call.parameters.get("TransactItems", [1]))
        return self._refused(conflict(self._call.service, self._call.operation, items))

    def unreachable(self) -> AWSResponse:
        if self._caller.kind == "saga":  # Step Functions' own connections: it knows them as errors of the service
            return self.broken()
        raise ConnectTimeoutError(endpoint_url=self._request.url)

    def silent(self) -> AWSResponse:
        if self._caller.kind == "saga":
            return self.broken()
        raise ReadTimeoutError(endpoint_url=self._request.url)

    def _refused(self, error: AwsError) -> AWSResponse:
        return self._response(*error.response(self._call.protocol))

    def _response(self, status: int, headers: Any, body: Any) -> AWSResponse:
        return AWSResponse(self._request.url, status, headers, MockRawResponse(body))


def replace_body(request: AWSPreparedRequest, body: bytes) -> AWSPreparedRequest:
    return AWSPreparedRequest(request.method, request.url, request.headers, body, request.stream_output)


class ProviderChannel:
    """One request to a payment or shipping provider."""

    def __init__(
        self,
        pool: urllib3.HTTPConnectionPool,
        provider: Provider,
        request: tuple[str, str, dict[str, str], bytes],
        timeout: Any,
    ) -> None:
        self._pool, self._provider, self._request, self._timeout = pool, provider, request, timeout

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


class Transport:
    """While installed, no request to AWS or a provider leaves the process, and no function reaches anything else."""

    def __init__(self, scheduler: Scheduler, seam: Seam, guard: Guard) -> None:
        self.providers: dict[str, tuple[str, Provider]] = {}  # by host: the service's name and its sandbox
        self.routes = MotoRoutes()
        self.guard = guard
        self.notice: Notice = lambda call: None
        self.records_twice: Callable[[], AbstractContextManager[None]] = nullcontext
        self._scheduler, self._seam = scheduler, seam

    def install(self) -> None:
        self._originals = [(owner, name, getattr(owner, name)) for owner, name in REPLACED]
        make_api_call, send, urlopen = (original for _, _, original in self._originals[:3])
        transport = self

        def remember_call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
            model = client.meta.service_model
            token = _asked.set(ApiCall(model.service_name, operation, parameters, model.protocol))
            try:
                return make_api_call(client, operation, parameters)
            finally:
                _asked.reset(token)

        def send_in_process(session: Any, request: AWSPreparedRequest) -> Any:
            if "amazonaws.com" not in urlparse(request.url).netloc:
                return send(session, request)
            return transport.aws(request)

        def open_in_process(pool: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            if transport.elsewhere:
                return urlopen(pool, method, url, *args, **kwargs)
            return transport.provider(pool, method, url, *args, **kwargs)

        def sign_roughly(signer: Any, request: Any, **_: Any) -> None:
            """moto reads the region and looks at no signature, which takes a fifth of the SDK's time."""
            scope = f"Credential=local/20260101/{REGION}/{signer.signing_name}/aws4_request"
            request.headers["Authorization"] = f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"

        replacements = (remember_call, send_in_process, open_in_process, sign_roughly)
        for (owner, name), replacement in zip(REPLACED, replacements, strict=True):
            setattr(owner, name, replacement)
        time.sleep = self._sleep

    def uninstall(self) -> None:
        for owner, name, original in self._originals:
            setattr(owner, name, original)
        time.sleep = REAL_SLEEP

    @property
    def elsewhere(self) -> bool:
        """True for code that no task of the engine runs: a test's own client, a server's thread."""
        return threading.get_ident() != self._scheduler.thread or self._scheduler.current is None

    def aws(self, request: AWSPreparedRequest) -> AWSResponse:
        if threading.get_ident() != self._scheduler.thread:
            raise EndpointConnectionError(endpoint_url=request.url, error="only the engine's thread speaks to its AWS")
        call = _asked.get()
        if call is None:
            raise NotImplementedError(f"a request that no client operation made: {request.url}")
        channel = AwsChannel(self, request, call, self._seam.caller)
        return self._seam.carry(call.service, call.operation, call.parameters, channel)

    def provider(
        self, pool: Any, method: str, url: str, body: Any = None, headers: Any = None, timeout: Any = None, **_: Any
    ) -> urllib3.BaseHTTPResponse:
        if pool.host not in self.providers:
            raise urllib3.exceptions.NewConnectionError(pool, f"{pool.host} is not there on a laptop")
        service, sandbox = self.providers[pool.host]
        content = body.encode() if isinstance(body, str) else bytes(body or b"")
        sent = (method, url, {str(k): str(v) for k, v in dict(headers or pool.headers or {}).items()}, content)
        channel = ProviderChannel(pool, sandbox, sent, timeout)
        return self._seam.carry(
            service, sandbox.operation(method, url, content), {"method": method, "url": url}, channel
        )

    def _sleep(self, seconds: Any) -> None:
        if self.elsewhere:
            REAL_SLEEP(seconds)
        else:
            self._scheduler.sleep(seconds)
