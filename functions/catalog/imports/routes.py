"""Imports over HTTP, for staff."""

import json
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Depends, Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import AwareDatetime, BaseModel

from catalog.bootstrap import imports, records, rows
from catalog.imports.lines import LineError
from catalog.imports.use_cases import lines_in, request_import
from catalog.product.views import ProductRequest
from common.domain.errors import NotFound
from common.entrypoint.authentication import STAFF, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.http import SentAs, raw_body
from common.entrypoint.idempotency import IdempotencyKey, Remember, answer, derived_id, once
from common.infrastructure.idempotency import Answer, KeyedRequest

POST_IMPORT = "POST /catalog/imports"
MAX_FILE = 6 * 1024 * 1024  # bytes, as they come: what a function can be called with

routes = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

Body = Annotated[bytes, Depends(raw_body), SentAs("application/x-ndjson", ProductRequest)]


class Import(BaseModel):
    """`accepted` and `rejected` count lines; what is wrong with a line may be several errors."""

    import_id: str
    status: Literal["pending", "running", "completed", "failed"]
    lines: int
    accepted: int
    rejected: int
    errors: list[LineError]
    created_at: AwareDatetime
    updated_at: AwareDatetime


@routes.post("/catalog/imports", status_code=HTTPStatus.ACCEPTED, security=STAFF)
def post_import(body: Body, key: IdempotencyKey, caller: SignedIn, at: ReceivedAt) -> Response[Import]:
    """A product per line (NDJSON), as `POST /catalog/products` takes them. A SKU that exists is changed."""
    keyed = KeyedRequest(caller.sub, POST_IMPORT, key, sha256(body).hexdigest(), at)
    import_id = derived_id("imp", caller.sub, POST_IMPORT, key)
    pending = {"status": "pending", "accepted": 0, "rejected": 0, "errors": [], "created_at": at, "updated_at": at}

    def use_case(remember: Remember) -> Answer:
        told = Import.model_validate({"import_id": import_id, "lines": lines_in(body), **pending})
        given = answer(HTTPStatus.ACCEPTED, told, {"Location": f"/catalog/imports/{import_id}"})
        request_import(import_id, body, at, caller.origin, beside=remember(given))
        return given

    return once(records(), keyed, Import, use_case)


@routes.get("/catalog/imports/<import_id>", security=STAFF)
def get_import(import_id: Annotated[str, Path(max_length=64)]) -> Import:
    run = imports().find(import_id)
    if run is None or "lines" not in run:
        raise NotFound("There is no such import.")
    reports = rows().every(run["pk"], prefix="errors#")
    errors = [error for report in reports for error in json.loads(report["errors"])]
    return Import.model_validate({**run, "import_id": import_id, "errors": errors})
