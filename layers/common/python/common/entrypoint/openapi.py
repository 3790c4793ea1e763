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
from pydantic import BaseModel, ConfigDict

from common.entrypoint.authentication import PUBLIC
from common.entrypoint.examples import NAMED, example
from common.entrypoint.http import routes_of
from common.entrypoint.versions import IfMatch, IfNoneMatch

TITLE, VERSION = "Commerce", "1.0.0"
BEARER = HTTPBearer(scheme="bearer", bearerFormat="JWT")
PROBLEMS = {
    "400": "It cannot be understood",
    "401": "Sign in first",
    "403": "Your roles do not allow this",
    "404": "It does not exist, or is not yours",
    "409": "Its state does not allow this",
    "412": "It has changed since you read it",
    "413": "It is too large",
    "422": "Some fields are wrong",
    "428": "Send If-Match",
    "429": "Too often",
    "500": "It is our fault",
    "503": "Something that we need is down",
}

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
# A call without a token does not come further than the gateway, which says so in its own words.
GATEWAY = {"application/json": {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}}


REFUSAL = {
    "type": "urn:problem:invalid_request",
    "title": "Unprocessable Content",
    "status": 422,
    "detail": "Some fields are wrong.",
    "instance": "/orders",
    "trace_id": NAMED["trace_id"],
    "code": "invalid_request",
    "errors": [{"field": "items.0.quantity", "message": "Input should be greater than or equal to 1"}],
}


class FieldError(BaseModel):
    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457, with the trace id, a stable code, and the fields to blame."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [REFUSAL]})
    type: str
    title: str
    status: int
    detail: str
    instance: str
    trace_id: str
    code: str
    errors: list[FieldError] | None = None


class GatewayMessage(BaseModel):
    message: str


class NamesCollide(Exception):
    """Two domains call different things by one name."""


def document(domains: Iterable[str]) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION},
        "servers": [{"url": "/"}],
        "paths": {},
        "components": {
            "schemas": _schemas_of_refusals(),
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
            yield from (body for kind, body in part.get("content", {}).items() if kind == "application/json")


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
    schema = {"type": "string", "examples": ['"3"']}
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def _say_how_it_may_end(operation: dict[str, Any]) -> None:
    public = operation.get("security") == PUBLIC
    for status, description in PROBLEMS.items():
        content = PROBLEM | GATEWAY if status == "401" and not public else PROBLEM
        operation["responses"][status] = {"description": description, "content": content}
    operation["responses"].get("204", {}).pop("content", None)
    if any(parameter["name"] == "If-None-Match" for parameter in operation["parameters"]):
        operation["responses"]["304"] = {"description": "It is what you have"}
    if public:
        operation["security"] = []


def _schemas_of_refusals() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema, "GatewayMessage": GatewayMessage.model_json_schema()}


if __name__ == "__main__":
    json.dump(document(sys.argv[1:]), sys.stdout, sort_keys=True)
