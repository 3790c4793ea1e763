"""Lambda's entry points of the catalog domain: translate, hand over, answer. No rules here."""

from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, TypeVar

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel

from catalog.bootstrap import cursors, event_bus, listing, outbox, products, read_model
from catalog.commands import ArchiveProduct, ChangePrice, ChangeProduct, CreateProduct, ProductCommand
from catalog.coupon.routes import routes as coupon_routes
from catalog.events import Product
from catalog.listing import Search, Sort
from catalog.products import Family
from catalog.views import (
    Category,
    CategoryTree,
    PriceRequest,
    ProductDetail,
    ProductPatch,
    ProductRequest,
    ProductVariant,
)
from catalog.words import words
from common.domain.errors import Invalid, NotFound
from common.domain.message import Message
from common.domain.money import MAX_AMOUNT
from common.entrypoint.authentication import PUBLIC, STAFF, Caller, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.consumer import consumer_handler
from common.entrypoint.http import http_app, http_handler
from common.entrypoint.idempotency import REPLAYED, IdempotencyKey, derived_id, fingerprint
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.entrypoint.relay import relay_handler, republisher_handler
from common.entrypoint.versions import IfMatch, IfNoneMatch, etag, require_match

MAX_WANTED = 8  # words of a search
FRESH = {"Cache-Control": "public, max-age=5"}
ASK_FIRST = {"Cache-Control": "public, no-cache"}  # what was written can be read at once

app = http_app()
app.include_router(coupon_routes)

ProductId = Annotated[str, Path(max_length=64)]
Amount = Annotated[int | None, Query(ge=0, le=MAX_AMOUNT, description="in minor units, whatever the currency")]
V = TypeVar("V", bound=BaseModel)


class WrongPriceRange(Invalid): ...


@app.post("/catalog/products", status_code=HTTPStatus.CREATED, security=STAFF)
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


@app.get("/catalog/products", security=PUBLIC)
def list_products(
    query: ThisQuery,
    category: Annotated[Category | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    min_price: Amount = None,
    max_price: Amount = None,
    sort: Annotated[Sort | None, Query()] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response[Listed[Product]]:
    low, high = min_price or 0, MAX_AMOUNT if max_price is None else max_price
    if low > high:
        raise WrongPriceRange("min_price is more than max_price.", field="min_price")
    wanted = tuple(words(q or "")[:MAX_WANTED])
    after = cursors().open(cursor, query)
    if q and q.strip() and not wanted:  # nothing that could be a word
        return _public(Listed[Product](items=[], next_cursor=None), FRESH)
    search = Search(category or "", wanted, low, high, sort)
    found, place = listing().page(search, limit, after)
    next_cursor = cursors().seal(place._asdict() if place else None, query)
    return _public(Listed[Product](items=found, next_cursor=next_cursor), FRESH)


@app.get("/catalog/categories", security=PUBLIC)
def get_categories() -> Response[CategoryTree]:
    return _public(CategoryTree.of(listing().counts()), FRESH)


@app.get("/catalog/products/<product_id>", security=PUBLIC)
def get_product(product_id: ProductId, seen: IfNoneMatch) -> Response[ProductDetail | None]:
    family = products().family(product_id)
    if family is None:
        raise NotFound("There is no such product.")
    detail = _detail(family)
    tag = _tag(family.version, detail)
    if seen & {tag, "*"}:
        return Response(HTTPStatus.NOT_MODIFIED, headers={"ETag": tag, **ASK_FIRST})
    return Response(HTTPStatus.OK, "application/json", detail, {"ETag": tag, **ASK_FIRST})


@app.patch("/catalog/products/<product_id>", security=STAFF)
def change_product(
    product_id: ProductId, body: ProductPatch, caller: SignedIn, if_match: IfMatch, at: ReceivedAt
) -> Response[Product]:
    return _changed(ChangeProduct(product_id=product_id, changes=body.changes, at=at), caller, if_match)


@app.put("/catalog/products/<product_id>/price", security=STAFF)
def change_price(
    product_id: ProductId, body: PriceRequest, caller: SignedIn, if_match: IfMatch, at: ReceivedAt
) -> Response[Product]:
    return _changed(ChangePrice(product_id=product_id, price=body.price, at=at), caller, if_match)


@app.delete("/catalog/products/<product_id>", status_code=HTTPStatus.NO_CONTENT, security=STAFF)
def archive_product(product_id: ProductId, caller: SignedIn, if_match: IfMatch, at: ReceivedAt) -> Response[None]:
    _changed(ArchiveProduct(product_id=product_id, at=at), caller, if_match)
    return Response(HTTPStatus.NO_CONTENT)


def _changed(command: ProductCommand, caller: Caller, if_match: str) -> Response[Product]:
    named = _versions(if_match)
    state, _, version = products().handle(command, caller.origin, lambda version: require_match(named, version))
    assert state, "it was found"
    return Response(HTTPStatus.OK, "application/json", state.product, {"ETag": etag(version)})


def _detail(family: Family) -> ProductDetail:
    variants = [variant for variant in products().of(family.variants) if variant.status == "active"]
    known = listing().availability([family.product.sku, *(variant.sku for variant in variants)])
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


def _public(body: V, headers: dict[str, str]) -> Response[V]:
    return Response(HTTPStatus.OK, "application/json", body, {**headers})


def _hear(message: Message) -> None:
    """Both may come twice and in any order: a card and a word keep the newest."""
    if message.source == "inventory":
        read_model().hear_availability(message)
    else:
        read_model().hear_product(message)


api = http_handler(app)
consumer = consumer_handler(_hear)
relay = relay_handler("catalog", event_bus)
republisher = republisher_handler("catalog", outbox, event_bus)
