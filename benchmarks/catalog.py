"""What a page of the catalogue costs, with few and with many products there: requests and read units.

    python -m benchmarks.catalog                    # 100 and 10,000 products
    python -m benchmarks.catalog 100 100000         # a minute and a gigabyte

Rows stand in memory as the projection writes them, and pages are made by the code that answers requests; what is
charged does not depend on the machine. Read units are DynamoDB's own: 4 KB of what a query passes over is one when it
is strongly consistent, and half of one by an index.

A list in an order, of a category or of all, and a word as it is ranked cost what they show, the same with 100 products
and with 100,000. Two words together, and a price range in another order, cost more the more products there are, up to
a bound (`catalog.listing.pages`): with FEW rows of each word or of the range it is known that they are too many, then
rows are passed over until a page is full, or PASSED_OVER of them are. With 100,000 products two pages of two words take
557 to 676 read units, and two of a price range 269; no page of rows like these can take more than about 1,100. Where
what is asked for is rarer than that among what is walked, pages are short, with a cursor that goes on.
"""

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.ordered_rows import OrderedRows
from catalog.listing.pages import Listing, Search
from catalog.listing.read_model import ReadModel
from catalog.product.events import Product
from common.domain.money import Money

LIMIT = 20
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
NOUNS = ("mug", "cup", "bowl", "plate", "pot", "jug", "pan", "vase", "lamp", "chair")
WORDS = ("red", "blue", "green", "small", "large", "round", "glass", "stone", "oak", "steel")
SEARCHES = {
    "by name": Search(),
    "in a category, by price": Search("home/mug", sort="price"),
    "newest": Search(sort="newest"),
    "a word, ranked": Search(wanted=("mug",)),
    "a word's beginning, in a category": Search("home", wanted=("mu",)),
    "two words, ranked": Search(wanted=("red", "mug")),
    "two words, by price": Search(wanted=("red", "mug"), sort="price"),
    "a price range, by name": Search(min_price=1000, max_price=2000),
}


def products(number: int) -> Iterator[Product]:
    chance = random.Random(number)
    for one in range(number):
        noun, colours = chance.choice(NOUNS), chance.sample(WORDS, 3)
        at = SINCE + timedelta(minutes=one)
        yield Product(
            product_id=f"prd_{one:032x}",
            sku=f"sku-{one}",
            name=f"{colours[0]} {noun}",
            description=f"A {colours[1]} {noun} for every day, {colours[2]} and more",
            category=f"home/{noun}",
            price=Money(amount=chance.randrange(500, 5000), currency="EUR"),
            attributes={},
            images=(),
            created_at=at,
            updated_at=at,
        )


def measure(number: int) -> dict[str, tuple[int, float]]:
    """Requests and read units of the first two pages together, by what is asked."""
    rows = OrderedRows()
    model = ReadModel(rows, "g")
    for product in products(number):
        rows.put_all(model.rows_of(product))
    costs = {}
    for name, search in SEARCHES.items():
        requests, units = rows.requests, rows.units
        listing = Listing(rows, "g")
        _, after = listing.page(search, LIMIT, None)
        if after:
            listing.page(search, LIMIT, after)
        costs[name] = (rows.requests - requests, rows.units - units)
    return costs


def main(numbers: list[int]) -> None:
    costs = [measure(number) for number in numbers]
    print(f"{'two pages of 20':<36}" + "".join(f"{number:>12,} products" for number in numbers))
    for name in SEARCHES:
        cells = (f"{cost[name][0]:>9} req {cost[name][1]:>5.0f} RU" for cost in costs)
        print(f"{name:<36}" + "  ".join(cells))


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [100, 10_000])
