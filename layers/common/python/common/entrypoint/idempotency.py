"""A request sent twice is one request: what it makes has an id that derives from the caller and their key, or its
answer is recorded in the transaction of its effect."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Annotated, Any, TypeVar

from aws_lambda_powertools.event_handler import Depends, Request, Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import BaseModel

from common.domain.errors import AlreadyDone, IdempotencyKeyInFlight, IdempotencyKeyRequired
from common.entrypoint.authentication import caller_of
from common.entrypoint.clock import received_at
from common.entrypoint.strict_json import refuse_cards
from common.infrastructure.idempotency import Answer, IdempotencyRecords, KeyedRequest
from common.infrastructure.transaction import Write

IDEMPOTENCY_KEY = "idempotency-key"  # Powertools knows headers in lower case
IdempotencyKey = Annotated[str, Header(alias=IDEMPOTENCY_KEY, pattern=r"^[\x20-\x7e]{1,255}$", examples=["order-4711"])]

REPLAYED = {"Idempotent-Replayed": "true"}

Remember = Callable[[Answer], Write]
M = TypeVar("M", bound=BaseModel)


def derived_id(prefix: str, *parts: str) -> str:
    return f"{prefix}_{sha256(json.dumps(parts).encode()).hexdigest()[:32]}"


def fingerprint(body: BaseModel) -> str:
    """Tells a repeated body from another one, however it is spelled."""
    return sha256(body.model_dump_json(exclude_unset=True).encode()).hexdigest()


def answer(
    status: int, body: BaseModel | Mapping[str, Any], headers: Mapping[str, str] | None = None, *, about: str = ""
) -> Answer:
    """`about` is the person of whom it says something personal, such as an address."""
    text = body.model_dump_json() if isinstance(body, BaseModel) else json.dumps(body)
    return Answer(int(status), text, dict(headers or {}), about)


def once(
    records: IdempotencyRecords, request: KeyedRequest, model: type[M], use_case: Callable[[Remember], Answer]
) -> Response[M]:
    """Answer a keyed request once, and its repeats with the same words, which are those of `model`.

    The use case commits `remember(answer)` with its effect. If nothing happened it need not: a record alone is
    written then. Whoever loses to a twin answers with what the twin recorded.
    """
    if found := records.find(request):
        return _respond(found, model, REPLAYED)
    remembered: list[Write] = []

    def remember(given: Answer) -> Write:
        remembered.append(records.record(request, given))
        return remembered[-1]

    try:
        given = use_case(remember)
        if not remembered:
            records.keep(request, given)
    except AlreadyDone as twin:
        if found := records.find(request):
            return _respond(found, model, REPLAYED)
        raise IdempotencyKeyInFlight("This request is being answered already.") from twin
    return _respond(given, model, {})


def _respond(given: Answer, model: type[M], more: Mapping[str, str]) -> Response[M]:
    body = model.model_validate_json(given.body)
    return Response(given.status, "application/json", body, {**given.headers, **more})


def _keyed(request: Request) -> KeyedRequest:
    event = request.resolved_event.raw_event
    context, key = event["requestContext"], event["headers"].get(IDEMPOTENCY_KEY)
    if not key:
        raise IdempotencyKeyRequired("Send an Idempotency-Key of 1 to 255 printable characters.")
    refuse_cards(key, IDEMPOTENCY_KEY)  # a record of it would be kept
    route = f"{context['http']['method']} {event['rawPath']}"
    canonical = json.dumps(json.loads(event.get("body") or "null"), sort_keys=True)
    return KeyedRequest(caller_of(event).sub, route, key, sha256(canonical.encode()).hexdigest(), received_at(event))


Keyed = Annotated[KeyedRequest, Depends(_keyed)]
