"""The routes under /_local/, which exist on a laptop only."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from local.console import page
from local.faults import Kind
from local.http import Request, Response

if TYPE_CHECKING:
    from local.platform import Platform

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
PREFIX = "/_local/"


class Driver(Protocol):
    """How to reach the platform from where the request came in."""

    def call(self, action: Callable[[], T]) -> T: ...

    def settled(self, timeout_s: float) -> bool: ...

    def move(self, seconds: float) -> None: ...


class Settle(BaseModel):
    model_config = ConfigDict(extra="forbid")
    timeout_s: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None


class Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")
    seconds: Annotated[float, Field(ge=0, le=366 * 86_400, allow_inf_nan=False)]


class Inject(BaseModel):
    model_config = ConfigDict(extra="forbid")
    service: Annotated[str, Field(min_length=1)]
    operation: str | None = None
    kind: Kind
    times: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    caller: str | None = None
    seconds: Annotated[float, Field(ge=0, le=86_400)] = 5.0


class Control:
    def __init__(self, platform: "Platform", driver: Driver, patience: float) -> None:
        self._platform, self._driver, self._patience = platform, driver, patience

    def handle(self, request: Request) -> Response:
        path = request.target.partition("?")[0].removeprefix(PREFIX)
        try:
            if sandbox := re.fullmatch(r"sandbox/(stripe|easypost)/.*", path):
                return self._page(sandbox[1], request)
            match request.method, path:
                case "GET", "mailbox":
                    to = request.query.get("to")
                    return _json({"items": self._driver.call(lambda: self._platform.mailbox.items(to))})
                case "POST", "settle":
                    return self._settle(_body(Settle, request))
                case "GET", "clock":
                    return self._clock()
                case "POST", "clock/advance":
                    self._driver.move(_body(Advance, request).seconds)
                    return self._clock()
                case "POST", "faults":
                    return self._inject(_body(Inject, request))
                case "DELETE", "faults":
                    self._driver.call(self._platform.seam.faults.clear)
                    return Response(204)
                case "GET", "invariants":
                    return self._invariants()
                case "GET", "console":
                    html = self._driver.call(lambda: page(self._platform))
                    return Response(200, {"content-type": "text/html; charset=utf-8"}, html.encode())
                case _:
                    return problem(404, "not_found", "There is nothing here.")
        except ValidationError as error:
            wrong = [{"field": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()]
            return problem(422, "invalid_request", "Some fields are wrong.", errors=wrong)
        except json.JSONDecodeError:
            return problem(400, "malformed", "The body is not valid JSON.")

    def _settle(self, asked: Settle) -> Response:
        patience = self._patience if asked.timeout_s is None else asked.timeout_s
        if self._driver.settled(patience):
            return _json({"settled": True})
        return problem(503, "not_settled", f"Something is still on its way after {patience:g} s.")

    def _clock(self) -> Response:
        now = datetime.fromtimestamp(self._driver.call(self._platform.now), tz=UTC)
        return _json({"now": now.isoformat(timespec="milliseconds").replace("+00:00", "Z")})

    def _inject(self, asked: Inject) -> Response:
        self._driver.call(lambda: self._platform.seam.faults.add(**asked.model_dump()))
        return _json(asked.model_dump(), 201)

    def _invariants(self) -> Response:
        from local import invariants  # which reads a whole platform, and so imports this one's driver

        return _json(self._driver.call(lambda: invariants.check(self._platform)))

    def _page(self, name: str, request: Request) -> Response:
        sandbox = getattr(self._platform, name)
        if sandbox is None:
            return problem(404, "not_found", f"There is no {name} here.")
        query = request.query_string
        if request.method == "POST" and request.body:
            query = "&".join(filter(None, [query, request.body.decode(errors="replace")]))
        where = request.path, query, request.joined_headers()
        status, headers, body = self._driver.call(lambda: sandbox.page(request.method, *where))
        return Response(status, {name.lower(): value for name, value in headers.items()}, body)


def _body(model: type[M], request: Request) -> M:
    return model.model_validate(json.loads(request.body or b"{}"))


def _json(body: Any, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(body).encode())


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """A problem document (RFC 9457)."""
    title = HTTPStatus(status).phrase
    body = {"type": f"urn:problem:{code}", "title": title, "status": status, "detail": detail, "code": code, **more}
    return Response(status, {"content-type": "application/problem+json"}, json.dumps(body).encode())
