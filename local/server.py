"""Serves a platform in real time over HTTP: the API with /_local/ at one port, the AWS API at another."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

import uvicorn

from local import aws_endpoint
from local.admission import Admission
from local.control import PREFIX, Control, problem
from local.environments import ROOT
from local.gateway import LARGEST_BODY
from local.http import Request, Response, message
from local.realtime import EngineStopped, RealTime

HOST: Final = "127.0.0.1"
PATIENCE: Final = 30.0  # seconds that `settle` waits if it is not told
KEPT_ALIVE_S: Final = 75  # longer than clients keep an idle connection: one that we close meets their next request

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Answer = Callable[[Request], Awaitable[Response]]


class PortBusy(Exception):
    """Another program listens where we should."""


class Server:
    """Start it, use its addresses, and stop it; `engine.ended` tells when it is over."""

    def __init__(self, assembly: Path, *, port: int = 8080, aws_port: int = 0, root: Path = ROOT) -> None:
        self._sockets = [_listen(port), _listen(aws_port)]
        self.api_url, self.aws_endpoint_url = (f"http://{HOST}:{one.getsockname()[1]}" for one in self._sockets)
        self.console_url = f"{self.api_url}{PREFIX}console"
        self.engine = RealTime(assembly, root=root, public_url=self.api_url, aws_url=self.aws_endpoint_url)
        self._admission = Admission()
        self._servers: list[uvicorn.Server] = []
        self._up: Future[None] = Future()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)

    @property
    def platform(self) -> Any:
        """To be touched only through `engine.call`."""
        return self.engine.platform

    def start(self) -> "Server":
        """Return when requests are answered; raise what kept it from coming up."""
        try:
            self.engine.start()
        except BaseException:
            self._close()
            raise
        self._control = Control(self.engine.platform, self.engine, PATIENCE)
        self._thread.start()
        self._up.result()
        return self

    def stop(self) -> None:
        for server in self._servers:
            server.should_exit = server.force_exit = True
        self.engine.stop()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._close()

    def _close(self) -> None:
        for one in self._sockets:
            one.close()

    def _serve(self) -> None:
        asyncio.run(self._serve_both())

    async def _serve_both(self) -> None:
        for answer in (self._api, self._aws):
            config = uvicorn.Config(
                _app(answer),
                log_level="warning",
                lifespan="off",
                ws="none",
                server_header=False,
                timeout_keep_alive=KEPT_ALIVE_S,
            )
            self._servers.append(uvicorn.Server(config))
        serving = [
            asyncio.create_task(server.serve(sockets=[listener]))
            for server, listener in zip(self._servers, self._sockets, strict=True)
        ]
        while not all(server.started for server in self._servers):
            await asyncio.sleep(0.01)
        self._up.set_result(None)
        await asyncio.gather(*serving)

    async def _api(self, request: Request) -> Response:
        if request.target.startswith(PREFIX):
            return await asyncio.to_thread(self._control.handle, request)
        if not self._admission.admits(self.engine.waiting, time.monotonic()):
            return message(429, "Too Many Requests", **{"retry-after": "1"})
        answer: Response = await asyncio.wrap_future(self.engine.submit(lambda: self.engine.platform.serve(request)))
        return answer

    async def _aws(self, request: Request) -> Response:
        platform = self.engine.platform
        run = self.engine.submit(lambda: platform.operate(lambda: aws_endpoint.answer(platform, request)))
        answer: Response = await asyncio.wrap_future(run)
        return answer


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sends at once only then
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise PortBusy(f"Port {port} of {HOST} is in use; choose another one with --port.") from error
    return listener


def _app(answer: Answer) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        request = await _request(scope, receive)
        try:
            response = await answer(request)
        except EngineStopped as error:
            response = problem(503, "stopped", str(error))
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
        headers += [(b"set-cookie", cookie.encode("latin-1")) for cookie in response.cookies]
        if response.status != 204:
            headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else response.body})

    return app


async def _request(scope: Scope, receive: Receive) -> Request:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= LARGEST_BODY + 1:  # one byte too many is enough to be refused
            parts.append(part[: LARGEST_BODY + 1])
        more = message.get("more_body", False)
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    target = scope["raw_path"].decode("latin-1")
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("latin-1")
    source = scope["client"][0] if scope.get("client") else HOST
    return Request(scope["method"], target, headers, b"".join(parts), source)
