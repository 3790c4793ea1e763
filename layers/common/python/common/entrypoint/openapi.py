"""One OpenAPI 3.1 document of all domains: `python -m common.entrypoint.openapi order payment … > openapi.json`.

It is made from the routers, so it says what the code does. Two models of one name would overwrite each other without
a word; here that is an error.
"""

import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer
from pydantic.json_schema import models_json_schema

from common.entrypoint import refusals
from common.entrypoint.authentication import PUBLIC
from common.entrypoint.examples import example
from common.entrypoint.http import SentAs, routes_of
from common.entrypoint.versions import IfMatch, IfNoneMatch

TITLE, VERSION = "Commerce", "1.0.0"
BEARER = HTTPBearer(scheme="bearer", bearerFormat="JWT")


class NamesCollide(Exception):
    """Two domains call different things by one name."""


def document(domains: Iterable[str]) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION},
        "servers": [{"url": "/"}],
        "paths": {},
        "components": {
            "schemas": refusals.schemas(),
            "responses": refusals.responses(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
    for domain in domains:
        _add(whole, domain, import_module(f"{domain}.handlers").app)
    for body in _bodies(whole):
        body["example"] = example(body["schema"], whole["components"]["schemas"])
    return whole


def _bodies(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Of requests and of answers that are no refusal: those that have one."""
    for operation in (operation for operations in whole["paths"].values() for operation in operations.values()):
        answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        for part in [operation.get("requestBody", {}), *answers]:
            yield from part.get("content", {}).values()


def _add(whole: dict[str, Any], domain: str, app: APIGatewayHttpResolver) -> None:
    text = app.get_openapi_json_schema(title=TITLE, version=VERSION, security_schemes={"bearer": BEARER})
    part = json.loads(text)
    known = whole["components"]["schemas"]
    for name, schema in part.get("components", {}).get("schemas", {}).items():
        if name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
            continue
        if known.setdefault(name, schema) != schema:
            raise NamesCollide(f"{domain} has another {name} than the domains before it.")
    functions = {(path, method.lower()): function for method, path, function in routes_of(app)}
    for path, operations in part["paths"].items():
        for method, operation in operations.items():
            operation["tags"] = [domain]
            operation.setdefault("parameters", []).extend(_conditions(functions[path, method]))
            if sent := _sent_as(functions[path, method]):
                operation["requestBody"] = _raw_body(sent, known)
            _say_how_it_may_end(operation)
        whole["paths"].setdefault(path, {}).update(operations)


def _conditions(function: Callable[..., Any]) -> list[dict[str, Any]]:
    """The conditional headers (RFC 9110, 13) that a route asks for; the router does not see that they are headers."""
    asked = [parameter.annotation for parameter in inspect.signature(function).parameters.values()]
    found = []
    if IfMatch in asked:
        what = "The ETag of the version that you have seen: it is changed only if it still is the same."
        found.append(_header("If-Match", what, required=True))
    if IfNoneMatch in asked:
        found.append(_header("If-None-Match", "The ETag that you have: 304 if it still is the same.", required=False))
    return found


def _header(name: str, description: str, *, required: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "examples": ['"3"']}
    if required:
        schema["pattern"] = r"\S"
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def _sent_as(function: Callable[..., Any]) -> SentAs | None:
    """The body that a route reads as it was sent; the router does not see one there."""
    asked = [getattr(one.annotation, "__metadata__", ()) for one in inspect.signature(function).parameters.values()]
    return next((mark for marks in asked for mark in marks if isinstance(mark, SentAs)), None)


def _raw_body(sent: SentAs, known: dict[str, Any]) -> dict[str, Any]:
    _, found = models_json_schema([(sent.model, "validation")], ref_template="#/components/schemas/{model}")
    for name, schema in found["$defs"].items():
        known.setdefault(name, schema)
    body: dict[str, Any] = {"$ref": f"#/components/schemas/{sent.model.__name__}"}
    if sent.media_type != "application/json":
        line = json.dumps(example(body, known))
        body = {"type": "string", "description": f"Lines, each a {sent.model.__name__}.", "examples": [line]}
    return {"required": True, "content": {sent.media_type: {"schema": body}}}


def _say_how_it_may_end(operation: dict[str, Any]) -> None:
    public = operation.get("security") == PUBLIC
    refusals.may_end(operation, public=public)
    operation["responses"].get("204", {}).pop("content", None)
    if any(parameter["name"] == "If-None-Match" for parameter in operation["parameters"]):
        operation["responses"]["304"] = {"description": "It is what you have"}
    if public:
        operation["security"] = []


if __name__ == "__main__":
    json.dump(document(sys.argv[1:]), sys.stdout, sort_keys=True)
