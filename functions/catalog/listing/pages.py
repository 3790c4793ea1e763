"""Finding products: by category, price, words, in an order, a page at a time, without a scan.

Every order is a text per product (its position), so a cursor is the position of the last product shown. A page is
made in one of three ways:

list    The list of the category is walked in the order asked for, from the cursor on.
terms   Words without an order are ranked: the terms of the longest word are walked. They stand as they are shown:
        words of names before words of descriptions, `mug` before `mugs`, then by name.
few     When a word's beginning or a price range leaves at most FEW products, these are sorted without a look at
        their cards, and the page is cut out.

What does not fit is passed over by its row, and the cards of the rest are read. After PASSED_OVER rows or LOOKED_AT
cards a page ends all the same, short, with a cursor that goes on from there. So a page costs what it shows, or at most
FEW rows of each word, PASSED_OVER rows and LOOKED_AT cards, however many products there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, NamedTuple

from catalog.listing.read_model import (
    IN_DESCRIPTION,
    IN_NAME,
    ReadModel,
    by_age,
    by_name,
    by_price,
    categories,
    matching,
)
from catalog.listing.words import all_begin, words
from catalog.product.events import Product
from common.domain.money import MAX_AMOUNT
from common.infrastructure.rows import THE_ONE, Row, Rows

FEW = 1000
PASSED_OVER = 10_000
LOOKED_AT = 1000
AT_ONCE = 100  # cards per request, the service's limit
ROWS_AT_ONCE = 2000  # about what the service reads for a request, a megabyte

FIRST, LAST = "\x01", "\U0010ffff"  # before and after all positions

Sort = Literal["name", "price", "-price", "newest"]


class Found(NamedTuple):
    """A row that leads to a product, the position at which it would be shown, and whether its card is worth a look."""

    product_id: str
    position: str
    promising: bool = True


@dataclass(frozen=True)
class Search:
    category: str = ""
    wanted: tuple[str, ...] = ()  # words, folded
    min_price: int = 0
    max_price: int = MAX_AMOUNT
    sort: Sort | None = None  # by name; where words are wanted, as the terms are sorted

    @property
    def ranked_by(self) -> str | None:
        return max(self.wanted, key=len) if self.wanted and self.sort is None else None

    @property
    def by_price(self) -> bool:
        return self.sort in ("price", "-price")

    @property
    def downwards(self) -> bool:
        return self.sort in ("-price", "newest")

    @property
    def priced(self) -> bool:
        return self.min_price > 0 or self.max_price < MAX_AMOUNT

    @property
    def order(self) -> Literal["name", "price", "age"]:
        """As rows call it."""
        return "price" if self.by_price else "age" if self.sort == "newest" else "name"

    def position(self, product: Product) -> str:
        if self.ranked_by:
            return next(matching(product, self.ranked_by), "")
        return {"name": by_name, "price": by_price, "age": by_age}[self.order](product)

    def found(self, row: Row, position: str | None = None) -> Found:
        inside = not self.category or f"{row['category']}/".startswith(f"{self.category}/")
        low, high = _prices(self)
        fits = inside and low <= row["price"] <= high and ("words" not in row or self._has(row["words"].split()))
        return Found(row["product_id"], position or row[self.order], fits)

    def fits(self, product: Product) -> bool:
        return (
            self.category in categories(product)
            and self.min_price <= product.price.amount <= self.max_price
            and self._has(words(product.name, product.description))
        )

    def _has(self, known: list[str]) -> bool:
        return not self.wanted or all_begin(self.wanted, known)


class Listing:
    """Of one generation."""

    def __init__(self, rows: Rows, generation: str) -> None:
        self._rows = rows
        self._pk = ReadModel(rows, generation).pk

    def page(self, search: Search, limit: int, after: str | None) -> tuple[list[Product], str | None]:
        """The products, and where they end if there may be more: whatever comes after it is on the next page."""
        shown: list[Product] = []
        passed, looked_at, last = 0, 0, after
        for found, product in self._cards(self._found(search, after, limit), limit + 1):
            if looked_at == LOOKED_AT or passed == PASSED_OVER:
                return shown, last
            # A product with two words that begin so stands there twice: only the first is its position.
            if product and search.fits(product) and search.position(product) == found.position:
                if len(shown) == limit:
                    return shown, last
                shown.append(product)
            passed, looked_at, last = passed + 1, looked_at + found.promising, found.position
        return shown, None

    def counts(self) -> dict[str, int]:
        """Products by category, those below it included. In the order of the categories."""
        return {row["sk"]: row["count"] for row in self._rows.every(self._pk("categories")) if row["count"] > 0}

    def _found(self, search: Search, after: str | None, limit: int) -> Iterator[Found]:
        """What may fit, in order."""
        if word := search.ranked_by:
            return self._terms(search, word, after, limit)
        few = self._few(search)
        if few is None:
            return self._list(search, after, limit)
        in_order = sorted(few, key=lambda found: found.position, reverse=search.downwards)
        return (found for found in in_order if after is None or _is_past(found.position, after, search))

    def _few(self, search: Search) -> set[Found] | None:
        """All that can fit, if they are few."""
        by_word = [few for word in search.wanted if (few := self._few_with(word, search)) is not None]
        if by_word:
            return set.intersection(*by_word)
        if search.priced and not search.by_price:
            prices, pk = _prices(search), self._pk(f"list#{search.category}")
            page = self._rows.query(pk, index="gsi1", between=prices, limit=FEW + 1)
            if len(page.rows) <= FEW:
                return {search.found(row) for row in page.rows}
        return None

    def _few_with(self, word: str, search: Search) -> set[Found] | None:
        found: set[Found] = set()
        for rank in (IN_NAME, IN_DESCRIPTION):
            page = self._rows.query(self._pk(f"term#{rank}{word[0]}"), prefix=word, limit=FEW + 1)
            found |= {search.found(row) for row in page.rows}
            if len(page.rows) > FEW or len(found) > FEW:
                return None
        return found

    def _terms(self, search: Search, word: str, after: str | None, limit: int) -> Iterator[Found]:
        for rank in (IN_NAME, IN_DESCRIPTION):
            if after and rank < after[0]:
                continue
            start = after[1:] if after and after[0] == rank else None
            range_ = (start or word, f"{word}{LAST}")
            for row in self._walk(f"term#{rank}{word[0]}", "sk", start, limit, between=range_):
                yield search.found(row, f"{rank}{row['sk']}")

    def _list(self, search: Search, after: str | None, limit: int) -> Iterator[Found]:
        low, high = _prices(search) if search.by_price else (FIRST, LAST)
        if after:
            low, high = (low, after) if search.downwards else (after, high)
        if low > high:  # a price has just left the range
            return
        index = {"price": "gsi1", "age": "gsi2", "name": None}[search.order]
        how: dict[str, Any] = {"index": index, "between": (low, high), "newest_first": search.downwards}
        for row in self._walk(f"list#{search.category}", f"{index or ''}sk", after, limit, **how):
            yield search.found(row)

    def _walk(self, partition: str, key: str, after: str | None, limit: int, **how: Any) -> Iterator[Row]:
        """Rows, without the one that the last page ended with, read as far as they are taken."""
        last: dict[str, Any] | None = None
        while True:
            page = self._rows.query(self._pk(partition), limit=limit + 2, after=last, **how)
            yield from (row for row in page.rows if row[key] != after)
            last, limit = page.after, min(2 * limit, ROWS_AT_ONCE)  # where little fits, more is read
            if last is None:
                return

    def _cards(self, found: Iterator[Found], at_once: int) -> Iterator[tuple[Found, Product | None]]:
        """Each with its product, or None when it does not fit or has just gone."""
        while some := list(islice(found, min(at_once, AT_ONCE))):
            keys = {one.product_id: self._pk(f"card#{one.product_id}") for one in some if one.promising}
            rows = self._rows.get_all((key, THE_ONE) for key in keys.values())
            cards = {row["pk"]: Product.model_validate_json(row["product"]) for row in rows}
            yield from ((one, cards.get(keys.get(one.product_id, ""))) for one in some)
            at_once *= 2  # where little fits, more is looked at


def _is_past(position: str, after: str, search: Search) -> bool:
    return position < after if search.downwards else position > after


def _prices(search: Search) -> tuple[str, str]:
    return f"{search.min_price:013d}", f"{search.max_price:013d}{LAST}"
