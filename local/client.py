"""An httpx transport onto a deterministic platform: tests and demos speak HTTP, and no socket is opened."""

from typing import TYPE_CHECKING

import httpx

from local.control import PREFIX, Control
from local.http import Request

if TYPE_CHECKING:
    from local.platform import Platform

PATIENCE = 900.0  # seconds on the platform's clock


class InProcess(httpx.BaseTransport):
    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self._control = Control(platform, platform, PATIENCE)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        target, headers = request.url.raw_path.decode(), tuple(request.headers.multi_items())
        asked = Request(request.method, target, headers, request.read())
        response = self._control.handle(asked) if target.startswith(PREFIX) else self._platform.answer(asked)
        cookies = [("set-cookie", cookie) for cookie in response.cookies]
        return httpx.Response(response.status, headers=[*response.headers.items(), *cookies], content=response.body)
