"""One OpenAPI 3.1 document of all domains: `python -m common.entrypoint.openapi order payment … > openapi.json`.

It is made from the routers, so it says what the code does. Two models of one name would overwrite each other without
a word; here that is an error.
"""

import json
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer
from pydantic import BaseModel, ConfigDict

from common.entrypoint.authentication import PUBLIC

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
    "503": "Something that we need is down",
}


class FieldError(BaseModel):
    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457, with the trace id, a stable code, and the fields to blame."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    instance: str
    trace_id: str
    code: str
    errors: list[FieldError] | None = None


class NamesCollide(Exception):
    """Two domains call different things by one name."""


def document(domains: Iterable[str]) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION},
        "servers": [{"url": "/"}],
        "paths": {},
        "components": {
            "schemas": _problem_schemas(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
    for domain in domains:
        _add(whole, domain, import_module(f"{domain}.handlers").app)
    return whole


def _add(whole: dict[str, Any], domain: str, app: APIGatewayHttpResolver) -> None:
    text = app.get_openapi_json_schema(title=TITLE, version=VERSION, security_schemes={"bearer": BEARER})
    part = json.loads(text)
    known = whole["components"]["schemas"]
    for name, schema in part.get("components", {}).get("schemas", {}).items():
        if name in ("HTTPValidationError", "ValidationError"):
            continue
        if known.setdefault(name, schema) != schema:
            raise NamesCollide(f"{domain} has another {name} than the domains before it.")
    for path, operations in part["paths"].items():
        for operation in operations.values():
            operation["tags"] = [domain]
            _say_how_it_may_fail(operation)
        whole["paths"].setdefault(path, {}).update(operations)


def _say_how_it_may_fail(operation: dict[str, Any]) -> None:
    reference = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, description in PROBLEMS.items():
        operation["responses"][status] = {"description": description, "content": reference}
    if operation.get("security") == PUBLIC:
        operation["security"] = []


def _problem_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


if __name__ == "__main__":
    json.dump(document(sys.argv[1:]), sys.stdout, sort_keys=True)
