"""API Gateway on the outside, typed routes on the inside. Refusals leave as problem documents (RFC 9457)."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Request, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.logging import correlation_paths
from pydantic import BaseModel

from common.domain import errors
from common.entrypoint.authentication import Scope, admit
from common.entrypoint.idempotency import IDEMPOTENCY_KEY
from common.entrypoint.observability import Handler, logger, observed, trace_id
from common.entrypoint.strict_json import strict_json
from common.infrastructure.resilience import aws_is_down

STATUS_OF = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
MAX_BODY = 256 * 1024  # bytes


def http_app() -> APIGatewayHttpResolver:
    """A router whose every refusal is a problem document. Statuses are decided here and nowhere else."""
    app = APIGatewayHttpResolver(
        enable_validation=True,
        json_body_deserializer=strict_json,
        # Without it, an answer of ours that breaks its own model is blamed on the client, with a 422.
        response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
    )

    def refused(error: errors.DomainError) -> Response[str]:
        logger.info("refused", extra={"code": error.code})
        return problem(app.current_event.path, error)

    def invalid(error: RequestValidationError) -> Response[str]:
        if any(IDEMPOTENCY_KEY in e["loc"] for e in error.errors()):
            return refused(errors.IdempotencyKeyRequired("Send an Idempotency-Key of 1 to 255 printable characters."))
        wrong = [{"field": _field(e["loc"]), "message": e["msg"]} for e in error.errors()]
        return problem(app.current_event.path, InvalidRequest("Some fields are wrong."), wrong)

    def broken(error: Exception) -> Response[str]:
        if aws_is_down(error):
            logger.warning("unavailable", exc_info=True)
            return problem(app.current_event.path, errors.Unavailable("What we need does not answer. Try again."))
        logger.exception("broken")
        return problem(app.current_event.path, InternalError("That was our fault."))

    app.exception_handler_manager.update_exception_handlers(
        {
            errors.DomainError: refused,
            RequestValidationError: invalid,
            NotFoundError: lambda _: refused(errors.NotFound("There is nothing here.")),
            Exception: broken,
        }
    )
    return app


class InvalidRequest(errors.Invalid): ...


class InternalError(errors.DomainError): ...


def problem(path: str, error: errors.DomainError, wrong: list[dict[str, str]] | None = None) -> Response[str]:
    """The problem document of a refusal, with Retry-After where waiting helps."""
    kinds = (STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)
    status = next(kinds, HTTPStatus.INTERNAL_SERVER_ERROR)
    body: dict[str, Any] = {
        "type": f"urn:problem:{error.code}",
        "title": status.phrase,
        "status": status,
        "detail": str(error),
        "instance": path,
        "trace_id": trace_id(),
        "code": error.code,
    }
    if error.field is not None:
        wrong = [{"field": error.field, "message": str(error)}]
    if wrong is not None:
        body["errors"] = wrong
    headers: dict[str, str | list[str]] = {}
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        headers["Retry-After"] = str(error.retry_after or 1)
    return Response(status, "application/problem+json", json.dumps(body), headers)


def http_handler(app: APIGatewayHttpResolver, larger: Mapping[str, int] | None = None) -> Handler:
    """`larger` says which routes take longer bodies than others, by route key."""
    scopes = scopes_of(app)

    @observed(correlation_paths.API_GATEWAY_HTTP)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            admit(event, scopes.get(event["routeKey"]))
            answer = app.resolve(_readable(event, (larger or {}).get(event["routeKey"], MAX_BODY)), context)
        except errors.DomainError as error:
            refusal = problem(event["rawPath"], error)
            answer = {
                "statusCode": refusal.status_code,
                "headers": {"Content-Type": refusal.content_type, **refusal.headers},
                "body": refusal.body,
                "isBase64Encoded": False,
            }
        if answer["statusCode"] in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            answer["headers"] = {name: value for name, value in answer["headers"].items() if name != "Content-Type"}
        answer.setdefault("headers", {})["x-trace-id"] = trace_id()
        return answer

    return handler


def scopes_of(app: APIGatewayHttpResolver) -> dict[str, Scope | None]:
    """By API Gateway's route key, as in `GET /orders/{order_id}`."""
    return {f"{method} {path}": security for method, path, _, security in _routes(app)}


def routes_of(app: APIGatewayHttpResolver) -> list[tuple[str, str, Callable[..., Any]]]:
    """Method, path as API Gateway writes it, and function."""
    return [(method, path, function) for method, path, function, _ in _routes(app)]


def _routes(app: APIGatewayHttpResolver) -> Iterator[tuple[str, str, Callable[..., Any], Scope | None]]:
    for route in (*app._static_routes, *app._dynamic_routes):
        path = str(route.path).replace("<", "{").replace(">", "}")
        yield route.method, path, route.func, route.security


class SentAs(NamedTuple):
    """What a raw body looks like, for the API's document: the model as JSON, or a line of NDJSON for each."""

    media_type: str
    model: type[BaseModel]


def raw_body(request: Request) -> bytes:
    """As it was sent, for signatures."""
    event = request.resolved_event.raw_event
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def _readable(event: dict[str, Any], longest: int) -> dict[str, Any]:
    """A body that is not UTF-8 would end in a fault of the router's; one that is too long is not worth reading.

    We speak JSON, so a body is read as JSON whatever its sender calls it: the router faults on names it does not know.
    No body says as much as an empty one.
    """
    body = event.get("body") or "{}"
    if len(body) > longest:
        raise errors.TooLarge(f"A body may have {longest} bytes.")
    if event.get("isBase64Encoded") and event.get("body"):
        try:
            text = base64.b64decode(body).decode()
        except UnicodeDecodeError as error:
            raise errors.Malformed("The body is not UTF-8.") from error
        event = {**event, "body": text, "isBase64Encoded": False}
    else:
        event = {**event, "body": body}
    return {**event, "headers": {**event["headers"], "content-type": "application/json"}}


def _field(loc: tuple[str | int, ...]) -> str:
    """`("body", "items", 0, "quantity")` as `items.0.quantity`."""
    return ".".join(map(str, loc[1:]))
