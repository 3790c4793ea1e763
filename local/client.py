"""How tests and demos ask a deterministic platform: with httpx or without, and no socket is opened."""

from typing import TYPE_CHECKING

import httpx

from local.control import PREFIX, Control
from local.http import Request, Response
from local.scheduler import Task

if TYPE_CHECKING:
    from local.platform import Platform

PATIENCE = 900.0  # seconds on the platform's clock


class Pending:
    """A request on its way; others may be too."""

    def __init__(self, platform: "Platform", task: Task) -> None:
        self._platform, self._task = platform, task

    @property
    def done(self) -> bool:
        return self._task.finished.is_set()

    def result(self) -> Response:
        self._platform.finish(self._task)
        response: Response = self._task.outcome()
        return response


class InProcess(httpx.BaseTransport):
    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self._control = Control(platform, platform, PATIENCE)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        target, headers = request.url.raw_path.decode(), tuple(request.headers.multi_items())
        asked = Request(request.method, target, headers, request.read())
        if str(request.url).startswith(self._platform.aws_url):
            response = self._aws(asked)
            return httpx.Response(response.status, headers=response.headers, content=response.body)
        response = self._control.handle(asked) if target.startswith(PREFIX) else self._platform.answer(asked)
        cookies = [("set-cookie", cookie) for cookie in response.cookies]
        return httpx.Response(response.status, headers=[*response.headers.items(), *cookies], content=response.body)

    def _aws(self, request: Request) -> Response:
        from local import aws_endpoint  # which knows platforms

        task = self._platform.operate(lambda: aws_endpoint.answer(self._platform, request))
        self._platform.finish(task)
        response: Response = task.outcome()
        return response
