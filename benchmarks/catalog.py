"""What a page of the catalogue costs, with few and with many products there: requests and read units.

    python -m benchmarks.catalog                    # 100 and 10,000 products
    python -m benchmarks.catalog 100 100000         # minutes

Rows are put there as the projection writes them, and pages are made by the code that answers requests. Read units are
DynamoDB's own: 4 KB of what a query passes over is one when it is strongly consistent, and half of one by an index.
"""

import os
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import boto3
from moto import mock_aws

from catalog.listing.pages import Listing, Search
from catalog.listing.read_model import ReadModel
from catalog.product.events import Product
from common.domain.money import Money
from common.infrastructure.rows import Rows

TABLE, LIMIT, UNIT = "read", 20, 4096
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
NOUNS = ("mug", "cup", "bowl", "plate", "pot", "jug", "pan", "vase", "lamp", "chair")
WORDS = ("red", "blue", "green", "small", "large", "round", "glass", "stone", "oak", "steel")
SEARCHES = {
    "by name": Search(),
    "in a category, by price": Search("home/mug", sort="price"),
    "newest": Search(sort="newest"),
    "a word, ranked": Search(wanted=("mug",)),
    "a word's beginning, in a category": Search("home", wanted=("mu",)),
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


class Meter:
    """Counts at the client what DynamoDB would charge for."""

    def __init__(self, client: Any) -> None:
        self.requests, self.units = 0, 0.0
        client.meta.events.register("after-call.dynamodb", self._count)

    def _count(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        self.requests += 1
        rows = parsed.get("Items", [])
        cards = [card for some in parsed.get("Responses", {}).values() for card in some]
        self.units += ceil(sum(map(_size, rows)) / UNIT) + sum(ceil(_size(card) / UNIT) for card in cards)


def _size(item: dict[str, Any]) -> int:
    return sum(len(name) + len(str(next(iter(value.values())))) for name, value in item.items())


def measure(number: int) -> dict[str, tuple[int, float]]:
    """Requests and read units of the first two pages together, by what is asked."""
    with mock_aws():
        client: Any = boto3.client("dynamodb", region_name="eu-west-1")
        _create(client)
        rows = Rows(client, TABLE)
        model = ReadModel(rows, "g")
        rows.put_all(row for product in products(number) for row in model.rows_of(product))
        costs = {}
        for name, search in SEARCHES.items():
            meter = Meter(client)
            listing = Listing(rows, "g")
            _, after = listing.page(search, LIMIT, None)
            if after:
                listing.page(search, LIMIT, after)
            costs[name] = (meter.requests, meter.units)
            client.meta.events.unregister("after-call.dynamodb", meter._count)
        return costs


def _create(client: Any) -> None:
    keys = ("pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=_schema(""),
        GlobalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": _schema(index), "Projection": {"ProjectionType": "ALL"}}
            for index in ("gsi1", "gsi2")
        ],
    )


def _schema(index: str) -> list[dict[str, str]]:
    kinds = {"pk": "HASH", "sk": "RANGE"}
    return [{"AttributeName": f"{index}{key}", "KeyType": kind} for key, kind in kinds.items()]


def main(numbers: list[int]) -> None:
    os.environ |= {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    costs = [measure(number) for number in numbers]
    print(f"{'two pages of 20':<36}" + "".join(f"{number:>12,} products" for number in numbers))
    for name in SEARCHES:
        cells = (f"{cost[name][0]:>9} req {cost[name][1]:>5.0f} RU" for cost in costs)
        print(f"{name:<36}" + "  ".join(cells))


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [100, 10_000])
