"""Coupons over HTTP, for staff."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from catalog.bootstrap import coupons, cursors, records
from catalog.coupon.commands import CreateCoupon
from catalog.coupon.events import Coupon
from catalog.coupon.views import CODE, CouponRequest
from common.domain.errors import NotFound
from common.entrypoint.authentication import STAFF, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.idempotency import IdempotencyKey, Keyed, Remember, answer, derived_id, once
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.infrastructure.idempotency import Answer

routes = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

Code = Annotated[str, Path(pattern=CODE)]


@routes.post("/catalog/coupons", status_code=HTTPStatus.CREATED, security=STAFF)
def create_coupon(
    body: CouponRequest, key: IdempotencyKey, keyed: Keyed, caller: SignedIn, at: ReceivedAt
) -> Response[Coupon]:
    request_id = derived_id("req", keyed.caller, keyed.route, key, keyed.fingerprint)
    command = CreateCoupon(coupon=body.coupon(at), request_id=request_id, at=at)

    def told(coupon: Coupon) -> Answer:
        return answer(HTTPStatus.CREATED, coupon, {"Location": f"/catalog/coupons/{coupon.code}"})

    def use_case(remember: Remember) -> Answer:
        return told(coupons().create(command, caller.origin, beside=remember(told(command.coupon))))

    return once(records(), keyed, Coupon, use_case)


@routes.get("/catalog/coupons", security=STAFF)
def list_coupons(query: ThisQuery, limit: Limit = 20, cursor: Cursor = None) -> Listed[Coupon]:
    page = coupons().page(limit, cursors().open(cursor, query))
    return Listed(items=page.coupons, next_cursor=cursors().seal(page.after, query))


@routes.get("/catalog/coupons/<code>", security=STAFF)
def get_coupon(code: Code) -> Coupon:
    coupon = coupons().get(code)
    if coupon is None:
        raise NotFound("There is no such coupon.")
    return coupon
