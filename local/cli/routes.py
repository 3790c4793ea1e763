"""`./commerce routes`: who may call what, as the API's own document says it; the README holds the table."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

from local.cli import output
from local.cli.synth import ROOT

DOMAINS: Final = (
    "identity",
    "catalog",
    "inventory",
    "order",
    "payment",
    "shipping",
    "notification",
    "analytics",
    "system",
)
ORDER: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


def run() -> None:
    output.say(table(document()))


def document() -> dict[str, Any]:
    """The OpenAPI document, made from the code in a process of its own."""
    command = [sys.executable, "-m", "common.entrypoint.openapi", *DOMAINS]
    environment = {**os.environ, "POWERTOOLS_TRACE_DISABLED": "true"}
    made = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def table(document: dict[str, Any]) -> str:
    """Markdown: a row per path, by domain."""
    rows = [row for domain in DOMAINS for row in _rows(document, domain)]
    return "\n".join(["| Domain | Route | Who |", "|---|---|---|", *rows])


def _rows(document: dict[str, Any], domain: str) -> Iterator[str]:
    for path, operations in sorted(document["paths"].items()):
        found = {method.upper(): _who(one) for method, one in operations.items() if one["tags"] == [domain]}
        for who in dict.fromkeys(found[method] for method in ORDER if method in found):
            methods = " · ".join(method for method in ORDER if found.get(method) == who)
            yield f"| {domain} | `{methods} {path}` | {who} |"


def _who(operation: dict[str, Any]) -> str:
    scopes = [scope for one in operation["security"] for scope in one.get("bearer", [])]
    return scopes[0] if scopes else "everyone"
