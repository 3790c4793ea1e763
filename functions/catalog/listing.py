"""Finding products: by category, price, words, in an order, a page at a time, without a scan.

Every order is a text per product (its position), so a cursor is the position of the last product shown. A page is
made in one of two ways, and both give the same products in the same order:

few     When a word's beginning or a price range leaves at most FEW products, all of them are looked at, sorted, and
        the page is cut out.
walk    Otherwise the list of the category is walked in the order asked for, from the cursor on, and what does not
        fit is passed over. What a query that is not few passes over is not much, or not for long; after
        LOOKED_AT products a page ends all the same, short, with a cursor that goes on from there.

So a page costs what it shows, or at most FEW or LOOKED_AT products, however many there are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from catalog.events import Product
from catalog.read_model import ALL, by_age, by_name, by_price, categories
from catalog.words import all_begin, words
from common.domain.money import MAX_AMOUNT
from common.infrastructure.rows import THE_ONE, Rows

FEW = 300
LOOKED_AT = 1000
AT_ONCE = 100  # cards per request, the service's limit

FIRST, LAST = "\x01", "\U0010ffff"  # before and after all positions

Sort = Literal["name", "price", "-price", "newest"]


@dataclass(frozen=True)
class Search:
    category: str = ALL
    wanted: tuple[str, ...] = ()  # words, folded
    min_price: int = 0
    max_price: int = MAX_AMOUNT
    sort: Sort | None = None  # by name, where words are wanted those first that have them in their names

    @property
    def ranked(self) -> bool:
        return bool(self.wanted) and self.sort is None

    @property
    def by_price(self) -> bool:
        return self.sort in ("price", "-price")

    @property
    def downwards(self) -> bool:
        return self.sort in ("-price", "newest")

    @property
    def priced(self) -> bool:
        return self.min_price > 0 or self.max_price < MAX_AMOUNT

    def position(self, product: Product) -> str:
        match self.sort:
            case "price" | "-price":
                return by_price(product)
            case "newest":
                return by_age(product)
            case _:
                return by_name(product)

    def fits(self, product: Product) -> bool:
        return (
            self.category in categories(product)
            and self.min_price <= product.price.amount <= self.max_price
            and (not self.wanted or all_begin(self.wanted, words(product.name, product.description)))
        )

    def rank(self, product: Product) -> int:
        """0 comes first. Only a ranked search has a 1."""
        return int(self.ranked and not all_begin(self.wanted, words(product.name)))


class Place(NamedTuple):
    """Where a page ends: whatever comes after it is on the next."""

    rank: int
    position: str


class Listing:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def page(self, search: Search, limit: int, after: dict[str, Any] | None) -> tuple[list[Product], Place | None]:
        place = Place(**after) if after else None
        few = self._few(search)
        return self._walk(search, limit, place) if few is None else self._cut(few, search, limit, place)

    def _few(self, search: Search) -> list[str] | None:
        """The ids of all that can fit, if they are few."""
        for word in sorted(search.wanted, key=len, reverse=True):
            page = self._rows.query(f"term#{word[0]}", prefix=word, limit=FEW + 1)
            if len(page.rows) <= FEW:
                return list(dict.fromkeys(row["product_id"] for row in page.rows))
        if search.priced and not search.by_price:
            prices = _prices(search)
            page = self._rows.query(f"list#{search.category}", index="gsi1", between=prices, limit=FEW + 1)
            if len(page.rows) <= FEW:
                return [row["product_id"] for row in page.rows]
        return None

    def _cut(
        self, few: Sequence[str], search: Search, limit: int, after: Place | None
    ) -> tuple[list[Product], Place | None]:
        fitting = [product for product in self._cards(few) if search.fits(product)]
        fitting.sort(key=search.position, reverse=search.downwards)
        fitting.sort(key=search.rank)
        left = [product for product in fitting if after is None or _comes_after(_place(product, search), after, search)]
        shown = left[:limit]
        return shown, _place(shown[-1], search) if len(left) > limit else None

    def _walk(self, search: Search, limit: int, after: Place | None) -> tuple[list[Product], Place | None]:
        shown: list[Product] = []
        looked_at, last = 0, after
        for rank in range(after.rank if after else 0, 2 if search.ranked else 1):
            start = after.position if after and after.rank == rank else None
            for product in self._in_order(search, start, limit):
                if len(shown) == limit or looked_at == LOOKED_AT:
                    return shown, last
                looked_at, last = looked_at + 1, Place(rank, search.position(product))
                if search.fits(product) and search.rank(product) == rank:
                    shown.append(product)
        return shown, None

    def _in_order(self, search: Search, start: str | None, limit: int) -> Iterator[Product]:
        """The products of the category's list from `start` on, without it."""
        low, high = _prices(search) if search.by_price else (FIRST, LAST)
        if start:
            low, high = (low, start) if search.downwards else (start, high)
        if low > high:  # a price has just left the range
            return
        index = "gsi1" if search.by_price else "gsi2" if search.sort == "newest" else None
        how: dict[str, Any] = {"index": index, "between": (low, high), "newest_first": search.downwards}
        size = limit + 2 if not (search.wanted or search.priced) else max(limit + 2, AT_ONCE)
        after: dict[str, Any] | None = None
        while True:
            page = self._rows.query(f"list#{search.category}", limit=size, after=after, **how)
            rows = [row for row in page.rows if row[f"{index or ''}sk"] != start]
            yield from self._cards([row["product_id"] for row in rows])
            after = page.after
            if after is None:
                return

    def _cards(self, product_ids: Sequence[str]) -> Iterator[Product]:
        """In the order of their ids' list. One that has just been archived is in no list, and fits nothing."""
        for start in range(0, len(product_ids), AT_ONCE):
            ids = product_ids[start : start + AT_ONCE]
            rows = self._rows.get_all((f"card#{product_id}", THE_ONE) for product_id in ids)
            found = {row["pk"]: Product.model_validate_json(row["product"]) for row in rows}
            yield from (found[f"card#{product_id}"] for product_id in ids if f"card#{product_id}" in found)

    def availability(self, skus: Iterable[str]) -> dict[str, str]:
        """What inventory last said. At most 100."""
        rows = self._rows.get_all((f"availability#{sku}", THE_ONE) for sku in skus)
        return {row["pk"].removeprefix("availability#"): row["word"] for row in rows}

    def counts(self) -> dict[str, int]:
        """Products by category, those below it included. In the order of the categories."""
        rows = self._rows.query("categories").rows
        return {row["sk"]: row["count"] for row in rows if row["count"] > 0}


def _place(product: Product, search: Search) -> Place:
    return Place(search.rank(product), search.position(product))


def _comes_after(place: Place, other: Place, search: Search) -> bool:
    if place.rank != other.rank:
        return place.rank > other.rank
    return place.position < other.position if search.downwards else place.position > other.position


def _prices(search: Search) -> tuple[str, str]:
    return f"{search.min_price:013d}", f"{search.max_price:013d}{LAST}"
