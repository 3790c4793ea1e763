"""An HTTP request and its answer, between servers and the gateway."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    method: str
    target: str  # path and query, as sent
    headers: Headers = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0], errors="replace")

    @property
    def query_string(self) -> str:
        return self.target.partition("?")[2]

    @property
    def query(self) -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query_string, keep_blank_values=True, errors="replace"):
            found.setdefault(name, []).append(value)
        return {name: ",".join(values) for name, values in found.items()}

    def joined_headers(self) -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for name, value in self.headers:
            found.setdefault(name.lower(), []).append(value)
        return {name: ",".join(values) for name, values in found.items()}


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""
    cookies: tuple[str, ...] = ()

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


def message(status: int, text: str, **headers: str) -> Response:
    """One of the gateway's own short answers."""
    body = json.dumps({"message": text}).encode()
    return Response(status, {"content-type": "application/json", **headers}, body)


def pairs(headers: Mapping[str, str] | Headers | None) -> Headers:
    if headers is None:
        return ()
    return tuple(headers.items()) if isinstance(headers, Mapping) else tuple(headers)
