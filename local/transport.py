"""Replaces the transport beneath boto3 and urllib3 while a platform is up: the SDK's own retries stay real."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import urlparse

import boto3
import botocore.client
import botocore.httpsession
import botocore.signers
import urllib3
import urllib3.connectionpool
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import EndpointConnectionError

from local.api_call import ApiCall
from local.assembly import REGION
from local.aws_channel import AwsChannel
from local.environments import stage
from local.moto_routes import MotoRoutes
from local.provider_channel import Provider, ProviderChannel
from local.scheduler import REAL_SLEEP, Scheduler
from local.seam import Seam

REPLACED: Final = (
    (botocore.client.BaseClient, "_make_api_call"),
    (botocore.httpsession.URLLib3Session, "send"),
    (urllib3.connectionpool.HTTPConnectionPool, "urlopen"),
    (boto3, "client"),
    (botocore.signers.RequestSigner, "handler"),
)

_asked: ContextVar[ApiCall | None] = ContextVar("asked", default=None)


class Transport:
    """While installed, no request to AWS or a provider leaves the process, and no function reaches anything else."""

    def __init__(self, scheduler: Scheduler, seam: Seam, guard: Callable[[ApiCall], None], aws_url: str) -> None:
        self._aws_url = aws_url
        self.providers: dict[str, tuple[str, Provider]] = {}  # by host: the service's name and its sandbox
        self.routes = MotoRoutes()
        self.guard = guard
        self.notice: Callable[[ApiCall, AWSResponse], None] = lambda call, answer: None
        self.records_twice: Callable[[], AbstractContextManager[None]] = nullcontext
        self._scheduler, self._seam = scheduler, seam

    def install(self) -> None:
        self._originals = [(owner, name, getattr(owner, name)) for owner, name in REPLACED]
        make_api_call, send, urlopen, make_client = (original for _, _, original in self._originals[:4])
        transport = self

        def remember_call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
            model = client.meta.service_model
            token = _asked.set(ApiCall(model.service_name, operation, parameters, model.protocol))
            try:
                return make_api_call(client, operation, parameters)
            finally:
                _asked.reset(token)

        def send_in_process(session: Any, request: AWSPreparedRequest) -> Any:
            if not transport.elsewhere and request.url.startswith(transport._aws_url):  # as functions know S3
                request.url = f"https://s3.{REGION}.amazonaws.com{request.url.removeprefix(transport._aws_url)}"
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
            if "aws-chunked" in request.headers.get("Content-Encoding", ""):  # S3 is told by the signature's hash
                request.headers["X-Amz-Content-SHA256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

        clients: dict[str, Any] = {}

        def share_client(*args: Any, **kwargs: Any) -> Any:
            """Making a client takes longer than what a function does with it, and a client knows no function."""
            if stage.current is None:
                return make_client(*args, **kwargs)
            settings = kwargs.get("config")
            key = repr((args, {**kwargs, "config": settings and vars(settings)}))
            if key not in clients:
                clients[key] = make_client(*args, **kwargs)
            return clients[key]

        replacements = (remember_call, send_in_process, open_in_process, share_client, sign_roughly)
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
        self, pool: Any, method: str, url: str, body: Any = None, headers: Any = None, **_: Any
    ) -> urllib3.BaseHTTPResponse:
        if pool.host not in self.providers:
            raise urllib3.exceptions.NewConnectionError(pool, f"{pool.host} is not there on a laptop")
        service, sandbox = self.providers[pool.host]
        content = body.encode() if isinstance(body, str) else bytes(body or b"")
        sent = (method, url, {str(k): str(v) for k, v in dict(headers or pool.headers or {}).items()}, content)
        channel = ProviderChannel(pool, sandbox, sent)
        return self._seam.carry(
            service, sandbox.operation(method, url, content), {"method": method, "url": url}, channel
        )

    def _sleep(self, seconds: Any) -> None:
        if self.elsewhere:
            REAL_SLEEP(seconds)
        else:
            self._scheduler.sleep(seconds)
