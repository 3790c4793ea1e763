"""Finding products over HTTP: for anyone, cached for seconds here and wherever the answer passes."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, TypeVar

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel

from catalog.bootstrap import answers, cursors, generations, listing
from catalog.listing.fresh import FRESH
from catalog.listing.generations import Generations
from catalog.listing.pages import Search, Sort
from catalog.listing.views import CategoryTree
from catalog.listing.words import words
from catalog.product.events import Product
from catalog.product.views import Category
from common.domain.errors import Invalid
from common.domain.money import MAX_AMOUNT
from common.entrypoint.authentication import PUBLIC
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.entrypoint.versions import IfNoneMatch

MAX_WANTED = 8  # words of a search
CACHED = {"Cache-Control": f"public, max-age={FRESH.seconds}"}

routes = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

Amount = Annotated[int | None, Query(ge=0, le=MAX_AMOUNT, description="in minor units, whatever the currency")]
V = TypeVar("V", bound=BaseModel)


class WrongPriceRange(Invalid): ...


@routes.get("/catalog/products", security=PUBLIC)
def list_products(
    query: ThisQuery,
    seen: IfNoneMatch,
    at: ReceivedAt,
    category: Annotated[Category | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    min_price: Amount = None,
    max_price: Amount = None,
    sort: Annotated[Sort | None, Query()] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response[Listed[Product] | None]:
    low, high = min_price or 0, MAX_AMOUNT if max_price is None else max_price
    if low > high:
        raise WrongPriceRange("min_price is more than max_price.", field="min_price")
    wanted = tuple(words(q or "")[:MAX_WANTED])
    search = Search(category or "", wanted, low, high, sort)
    after = cursors().open(cursor, query)
    nothing = bool(q and q.strip() and not wanted)  # nothing that could be a word

    def page(now: Generations) -> Listed[Product]:
        if nothing:
            return Listed(items=[], next_cursor=None)
        found, end = listing(now.live).page(search, limit, after["after"] if after else None)
        return Listed(items=found, next_cursor=cursors().seal({"after": end} if end else None, query))

    return _cached((query, limit, cursor), page, seen, at)


@routes.get("/catalog/categories", security=PUBLIC)
def get_categories(seen: IfNoneMatch, at: ReceivedAt) -> Response[CategoryTree | None]:
    return _cached("categories", lambda now: CategoryTree.of(listing(now.live).counts()), seen, at)


def _cached(key: object, make: Callable[[Generations], V], seen: frozenset[str], at: datetime) -> Response[V | None]:
    """The answer of a few seconds ago, unless a product has been archived or a generation has been switched since.

    Made anew when a switch came meanwhile: the rows of the generation before may have gone while they were read.
    """
    now = generations().read()
    known = answers().get((now, key), at)
    while known is None:
        body = make(now)
        now, before = generations().read(), now
        if now.live == before.live:
            tag = f'"{sha256(body.model_dump_json().encode()).hexdigest()[:32]}"'
            known = answers().keep((before, key), (tag, body), at)
    tag, body = known
    headers: dict[str, str | list[str]] = {"ETag": tag, **CACHED}
    if seen & {tag, "*"}:
        return Response(HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(HTTPStatus.OK, "application/json", body, headers)
