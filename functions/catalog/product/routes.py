"""Products over HTTP: one read by anyone, changed by staff."""

from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from catalog.bootstrap import availability, cursors, products
from catalog.product.commands import ArchiveProduct, ChangePrice, ChangeProduct, CreateProduct, ProductCommand
from catalog.product.events import Product
from catalog.product.products import Family
from catalog.product.views import (
    PriceRequest,
    ProductDetail,
    ProductPatch,
    ProductPrice,
    ProductRequest,
    ProductVariant,
)
from common.domain.errors import NotFound
from common.entrypoint.authentication import PUBLIC, STAFF, Caller, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.idempotency import REPLAYED, IdempotencyKey, derived_id, fingerprint
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.entrypoint.versions import IfMatch, IfNoneMatch, etag, require_match

ASK_FIRST = {"Cache-Control": "public, no-cache"}  # what was written can be read at once

routes = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

ProductId = Annotated[str, Path(max_length=64)]


@routes.post("/catalog/products", status_code=HTTPStatus.CREATED, security=STAFF)
def create_product(body: ProductRequest, key: IdempotencyKey, caller: SignedIn, at: ReceivedAt) -> Response[Product]:
    command = CreateProduct(
        product_id=derived_id("prd", caller.sub, "POST /catalog/products", key),
        **{name: getattr(body, name) for name in ProductRequest.model_fields},
        fingerprint=fingerprint(body),
        at=at,
    )
    _, events, _ = products().handle(command, caller.origin)
    headers: dict[str, str | list[str]] = {"Location": f"/catalog/products/{command.product_id}", "ETag": etag(1)}
    if events:
        product = events[0].product
    else:  # a repeat gets the first answer, whatever has become of the product since
        product, headers = products().created(command.product_id), {**headers, **REPLAYED}
    return Response(HTTPStatus.CREATED, "application/json", product, headers)


@routes.get("/catalog/products/<product_id>", security=PUBLIC)
def get_product(product_id: ProductId, seen: IfNoneMatch, at: ReceivedAt) -> Response[ProductDetail | None]:
    """As it stands: only availability, which follows inventory, may be seconds old."""
    family = products().family(product_id)
    if family is None:
        raise NotFound("There is no such product.")
    detail = _detail(family, at)
    tag = _tag(family.version, detail)
    if seen & {tag, "*"}:
        return Response(HTTPStatus.NOT_MODIFIED, headers={"ETag": tag, **ASK_FIRST})
    return Response(HTTPStatus.OK, "application/json", detail, {"ETag": tag, **ASK_FIRST})


@routes.get("/catalog/products/<product_id>/prices", security=PUBLIC)
def list_prices(
    product_id: ProductId, query: ThisQuery, limit: Limit = 20, cursor: Cursor = None
) -> Response[Listed[ProductPrice]]:
    """The newest first. Public: whoever announces a reduction must say what it was before (Directive 98/6/EC, 6a)."""
    page = products().prices(product_id, limit, cursors().open(cursor, query))
    prices = [ProductPrice.model_validate(row) for row in page.rows]
    body = Listed[ProductPrice](items=prices, next_cursor=cursors().seal(page.after, query))
    return Response(HTTPStatus.OK, "application/json", body, {**ASK_FIRST})


@routes.patch("/catalog/products/<product_id>", security=STAFF)
def change_product(
    product_id: ProductId, body: ProductPatch, caller: SignedIn, if_match: IfMatch, at: ReceivedAt
) -> Response[Product]:
    return _changed(ChangeProduct(product_id=product_id, changes=body.changes, at=at), caller, if_match)


@routes.put("/catalog/products/<product_id>/price", security=STAFF)
def change_price(
    product_id: ProductId, body: PriceRequest, caller: SignedIn, if_match: IfMatch, at: ReceivedAt
) -> Response[Product]:
    return _changed(ChangePrice(product_id=product_id, price=body.price, at=at), caller, if_match)


@routes.delete("/catalog/products/<product_id>", status_code=HTTPStatus.NO_CONTENT, security=STAFF)
def archive_product(product_id: ProductId, caller: SignedIn, if_match: IfMatch, at: ReceivedAt) -> Response[None]:
    _changed(ArchiveProduct(product_id=product_id, at=at), caller, if_match)
    return Response(HTTPStatus.NO_CONTENT)


def _changed(command: ProductCommand, caller: Caller, if_match: str) -> Response[Product]:
    named = _versions(if_match)
    state, _, version = products().handle(command, caller.origin, lambda version: require_match(named, version))
    assert state, "it was found"
    return Response(HTTPStatus.OK, "application/json", state.product, {"ETag": etag(version)})


def _detail(family: Family, at: datetime) -> ProductDetail:
    variants = [variant for variant in products().of(family.variants) if variant.status == "active"]
    known = availability().of([family.product.sku, *(variant.sku for variant in variants)], at)
    return ProductDetail(
        **dict(family.product),
        availability=known.get(family.product.sku, "out"),
        variants=[ProductVariant(**dict(each), availability=known.get(each.sku, "out")) for each in variants],
    )


def _tag(version: int, detail: ProductDetail) -> str:
    """The product's version, for If-Match, and what else is shown with it, for If-None-Match."""
    beside = detail.model_dump_json(include={"availability", "variants"})
    return f'"{version}.{sha256(beside.encode()).hexdigest()[:12]}"'


def _versions(if_match: str) -> str:
    """If-Match without what was shown beside the product: that may change meanwhile."""
    tags = (tag.strip() for tag in if_match.split(","))
    return ",".join(f'{tag.partition(".")[0]}"' if tag.startswith('"') and "." in tag else tag for tag in tags)
