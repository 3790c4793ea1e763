"""How an operation may end otherwise, as the API's document tells it: each refusal once, with its example."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from common.domain.errors import DomainError
from common.entrypoint.examples import NAMED
from common.entrypoint.http import STATUS_OF, InternalError, InvalidRequest

PROBLEMS: Final = {
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
KINDS: Final[dict[str, type[DomainError]]] = {
    **{str(status.value): kind for kind, status in STATUS_OF.items()},
    "422": InvalidRequest,
    "500": InternalError,
}
WRONG_FIELDS: Final = [{"field": NAMED["field"], "message": NAMED["message"]}]
# A call without a token does not come further than the gateway, which says so in its own words.
NO_TOKEN: Final = "NoToken"


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


class GatewayMessage(BaseModel):
    message: str


def schemas() -> dict[str, Any]:
    """Of the document's components."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema, "GatewayMessage": GatewayMessage.model_json_schema()}


def responses() -> dict[str, Any]:
    """Of the document's components, by name."""
    known = dict(_responses())
    gateway = {"schema": {"$ref": "#/components/schemas/GatewayMessage"}, "example": {"message": "Unauthorized"}}
    unauthenticated = known[KINDS["401"].__name__]
    content = {**unauthenticated["content"], "application/json": gateway}
    return known | {NO_TOKEN: {**unauthenticated, "content": content}}


def may_end(operation: dict[str, Any], *, public: bool) -> None:
    for status in PROBLEMS:
        name = NO_TOKEN if status == "401" and not public else KINDS[status].__name__
        operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def _responses() -> Iterator[tuple[str, dict[str, Any]]]:
    for status, description in PROBLEMS.items():
        body = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _problem(status, description)}
        yield KINDS[status].__name__, {"description": description, "content": {"application/problem+json": body}}


def _problem(status: str, description: str) -> dict[str, Any]:
    code = KINDS[status]().code
    return {
        "type": f"urn:problem:{code}",
        "title": HTTPStatus(int(status)).phrase,
        "status": int(status),
        "detail": f"{description}.",
        "instance": "/orders",
        "trace_id": NAMED["trace_id"],
        "code": code,
        **({"errors": WRONG_FIELDS} if status == "422" else {}),
    }
