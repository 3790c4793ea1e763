"""Events shuffled, repeated and late give the same read side."""

import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog import bootstrap, handlers
from catalog.listing.read_model import ReadModel

PRODUCT, PRICE = "/catalog/products/{product_id}", "/catalog/products/{product_id}/price"
READ = "commerce-catalog-read"


@pytest.fixture
def told(create, call, outgoing):
    """Three products with a past: renamed back and forth, moved, repriced, archived."""
    jug, can, pen = (create(sku, category=f"home/{sku}s").body["product_id"] for sku in ("jug", "can", "pen"))
    for product_id, change in [
        (jug, {"name": "Jug two", "description": "old"}),
        (jug, {"category": "garden", "description": "new"}),
        (jug, {"name": "Jug"}),
        (can, {"name": "Can, or jug", "category": None}),
    ]:
        assert call("PATCH", PRODUCT, product_id, etag="*", body=change).status == 200
    assert call("PUT", PRICE, can, etag="*", body={"price": {"amount": 5, "currency": "EUR"}}).status == 200
    assert call("DELETE", PRODUCT, pen, etag="*").status == 204
    return outgoing()


@pytest.fixture
def read_side(dynamodb):
    """What stands there, without the traces of how it came about."""

    def read_side():
        rows = []
        for item in dynamodb.scan(TableName=READ)["Items"]:
            if item["pk"]["S"] == "generations" or item.get("count") == {"N": "0"}:
                continue
            item.pop("former", None)
            rows.append(str(sorted(item.items())))
        return sorted(rows)

    return read_side


@pytest.fixture
def empty(dynamodb):
    def empty():
        for item in dynamodb.scan(TableName=READ)["Items"]:
            dynamodb.delete_item(TableName=READ, Key={"pk": item["pk"], "sk": item["sk"]})

    return empty


def test_in_any_order_and_any_number_of_times(told, deliver, read_side, empty):
    assert deliver(handlers.consumer, *told) == []
    wanted = read_side()
    assert len(wanted) > 10

    # Not shrunk: each example is a read side made anew, and its seed says enough.
    @settings(
        max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate)
    )
    @given(st.randoms(use_true_random=False), st.lists(st.integers(0, len(told) - 1), max_size=6))
    def holds(chance: random.Random, again):
        empty()
        news = [*told, *(told[number] for number in again)]
        chance.shuffle(news)
        assert deliver(handlers.consumer, *news) == []
        assert set(read_side()) ^ set(wanted) == set()

    holds()


@pytest.fixture
def hear(create, call, outgoing, deliver):
    """A jug's events one by one: made, called something else, and called as it was."""
    jug = create("jug").body["product_id"]
    for name in ("Can", "Jug"):
        assert call("PATCH", PRODUCT, jug, etag="*", body={"name": name}).status == 200
    events = outgoing()

    def hear(*numbers):
        assert deliver(handlers.consumer, *(events[number] for number in numbers)) == []

    return hear


def test_a_late_event_does_not_come_through_at_the_last_moment(hear, find, meanwhile):
    hear(0)
    meanwhile(ReadModel, "_card", lambda: hear(2))
    hear(1)
    assert (find(q="jug"), find(q="can")) == (["jug"], [])


def test_a_word_that_comes_back_while_it_is_forgotten_stays(hear, find, meanwhile):
    hear(0)
    meanwhile(bootstrap.read_rows(), "commit", lambda: hear(2))
    hear(1)
    assert (find(q="jug"), find(q="can")) == (["jug"], [])
