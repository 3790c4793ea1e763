"""Rebuilds over HTTP, for staff."""

from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import AwareDatetime, BaseModel

from catalog.bootstrap import rebuilds, records
from catalog.rebuild.use_cases import request_rebuild
from common.domain.errors import NotFound
from common.entrypoint.authentication import STAFF, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.fields import Nothing
from common.entrypoint.idempotency import IdempotencyKey, Keyed, Remember, answer, derived_id, once
from common.infrastructure.idempotency import Answer

routes = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

ID_LENGTH = 16  # it begins every row of its generation


class Rebuild(BaseModel):
    """`products` have been projected; from `clearing` on the new rows are read, and `removed` old ones are gone."""

    rebuild_id: str
    status: Literal["building", "clearing", "completed"]
    products: int
    removed: int
    created_at: AwareDatetime


@routes.post("/catalog/rebuilds", status_code=HTTPStatus.ACCEPTED, security=STAFF)
def post_rebuild(
    body: Nothing, key: IdempotencyKey, keyed: Keyed, caller: SignedIn, at: ReceivedAt
) -> Response[Rebuild]:
    """Make the read side anew, from events, while it is read."""
    rebuild_id = derived_id("rbd", caller.sub, keyed.route, key)[:ID_LENGTH]
    begun = Rebuild(rebuild_id=rebuild_id, status="building", products=0, removed=0, created_at=at)

    def use_case(remember: Remember) -> Answer:
        given = answer(HTTPStatus.ACCEPTED, begun, {"Location": f"/catalog/rebuilds/{rebuild_id}"})
        request_rebuild(rebuild_id, at, caller.origin, beside=remember(given))
        return given

    return once(records(), keyed, Rebuild, use_case)


@routes.get("/catalog/rebuilds/<rebuild_id>", security=STAFF)
def get_rebuild(rebuild_id: Annotated[str, Path(max_length=64)]) -> Rebuild:
    run = rebuilds().find(rebuild_id)
    if run is None or "products" not in run:
        raise NotFound("There is no such rebuild.")
    return Rebuild.model_validate({**run, "rebuild_id": rebuild_id})
