"""Which route of an HTTP API answers a request: the most specific one, as API Gateway chooses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from local.assembly import Resource


@dataclass(frozen=True)
class Route:
    key: str
    method: str
    pattern: re.Pattern[str]
    rank: tuple[Any, ...]
    properties: dict[str, Any]

    @classmethod
    def of(cls, resource: Resource) -> "Route":
        key = resource.properties["RouteKey"]
        method, _, path = key.partition(" ")
        segments = path.split("/")
        rank = (
            key == "$default",
            any(segment.endswith("+}") for segment in segments),
            tuple(segment.startswith("{") for segment in segments),
            method == "ANY",
        )
        return cls(key, method, re.compile(_pattern(path) if path else ".*"), rank, resource.properties)

    def match(self, method: str, raw_path: str) -> dict[str, str] | None:
        """The path parameters, decoded; None if this is not the route."""
        if self.method not in (method, "ANY", "$default"):
            return None
        found = self.pattern.fullmatch(raw_path)
        return None if found is None else {k: unquote(v, errors="replace") for k, v in found.groupdict().items()}


def _pattern(path: str) -> str:
    parts = re.split(r"(\{\w+\+?\})", path)
    return "".join(
        f"(?P<{part[1:-1].rstrip('+')}>{'.+' if part.endswith('+}') else '[^/]+'})"
        if part[:1] == "{"
        else re.escape(part)
        for part in parts
    )


class Routes:
    def __init__(self, resources: Iterable[Resource]) -> None:
        self._routes = sorted((Route.of(resource) for resource in resources), key=lambda route: route.rank)

    def find(self, method: str, raw_path: str) -> tuple[Route, dict[str, str]] | None:
        for route in self._routes:
            parameters = route.match(method, raw_path)
            if parameters is not None:
                return route, parameters
        return None
