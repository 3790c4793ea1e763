"""What is public is cached for seconds, and never shows what must not be ordered any more."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog import bootstrap, handlers
from catalog.listing.fresh import Fresh

PRODUCTS, PRODUCT, CATEGORIES = "/catalog/products", "/catalog/products/{product_id}", "/catalog/categories"
AT = 1714521600000
AFTER = AT + 5000


@pytest.fixture
def look(call):
    def look(path=PRODUCTS, at=AT, seen=None, **query):
        headers = {"if-none-match": seen} if seen else {}
        return call("GET", path, caller=None, roles="", at=at, headers=headers, query=query)

    return look


@pytest.fixture
def queries(monkeypatch):
    """How often the read side's rows have been asked for lists."""
    asked, real = [], bootstrap.read_rows().query

    def query(*args, **how):
        asked.append(args)
        return real(*args, **how)

    monkeypatch.setattr(bootstrap.read_rows(), "query", query)
    return asked


def test_a_list_is_made_once_in_five_seconds(create, publish, look, queries):
    create("mug")
    publish()
    first = look()
    create("cup")
    publish()
    assert look(at=AFTER - 1).text == first.text
    assert len(queries) == 1
    later = look(at=AFTER)
    assert ([item["sku"] for item in later.body["items"]], len(queries)) == (["cup", "mug"], 2)
    assert look(limit="1").body["items"] != look(limit="1", sort="-price", q="m").body["items"]


def test_who_has_seen_it_is_told_so(create, publish, look):
    create("mug", category="home")
    publish()
    for path in (PRODUCTS, CATEGORIES):
        answer = look(path)
        assert answer.headers["Cache-Control"] == "public, max-age=5"
        again = look(path, at=AFTER, seen=f'W/{answer.headers["ETag"]}, "other"')
        assert (again.status, again.text or "", again.headers["ETag"]) == (304, "", answer.headers["ETag"])
    create("cup", category="home")
    publish()
    assert look(at=AFTER + 5000, seen=answer.headers["ETag"]).status == 200


def test_what_is_archived_leaves_the_cache_with_the_list(create, call, publish, look):
    product_id = create("mug", category="home").body["product_id"]
    publish()
    assert (len(look().body["items"]), len(look(CATEGORIES).body["items"])) == (1, 1)
    assert call("DELETE", PRODUCT, product_id, etag="*").status == 204
    assert call("GET", PRODUCT, product_id, at=AT).body["status"] == "archived"
    publish()
    assert (look().body["items"], look(CATEGORIES).body["items"]) == ([], [])


def test_an_archived_product_cannot_come_back_from_a_late_event(create, call, outgoing, deliver, publish, look):
    product_id = create("mug").body["product_id"]
    call("PATCH", PRODUCT, product_id, etag="*", body={"name": "Cup"})
    call("DELETE", PRODUCT, product_id, etag="*")
    publish()

    assert deliver(handlers.consumer, *reversed(outgoing())) == []
    assert look().body["items"] == []


def test_the_memory_is_bounded_and_goes_by_the_time_it_is_told():

    now, fresh = datetime(2024, 5, 1, tzinfo=UTC), Fresh(timedelta(seconds=5), kept=2)
    for number in range(3):
        fresh.keep(number, str(number), now)
    assert [fresh.get(number, now) for number in range(3)] == [None, "1", "2"]
    assert fresh.get(2, now + timedelta(seconds=4.9)) == "2"
    assert fresh.get(2, now + timedelta(seconds=5)) is None
    assert fresh.get(2, now - timedelta(seconds=1)) is None
