"""The read side made anew beside the one that is read."""

import pytest

from catalog import bootstrap, handlers
from catalog.rebuild import use_cases

PRODUCTS, PRODUCT = "/catalog/products", "/catalog/products/{product_id}"
REBUILDS, REBUILD = "/catalog/rebuilds", "/catalog/rebuilds/{rebuild_id}"
READ = "commerce-catalog-read"


@pytest.fixture
def start(call):
    return lambda key="r", **how: call("POST", REBUILDS, key=key, **how)


@pytest.fixture
def status(call):
    return lambda started: call("GET", f"{REBUILDS}/{started.body['rebuild_id']}", route=REBUILD).body


@pytest.fixture
def step(outgoing, deliver):
    """Let the worker hear the newest event of the rebuild, twice. Say whether there was one that it has a step for."""

    def step():
        told = [m for m in outgoing() if m["subject"].startswith("rbd_")]
        if not told or told[-1]["type"] == "RebuildCompleted":
            return False
        assert deliver(handlers.worker, told[-1], told[-1]) == []
        return True

    return step


@pytest.fixture
def shop(create, call, publish, monkeypatch):
    monkeypatch.setattr(use_cases, "COMMITS", 3)
    monkeypatch.setattr(use_cases, "ROWS", 7)
    for sku in ("mug", "cup", "jug", "pen"):
        create(sku, name=f"{sku} thing", category="home")
    call("PATCH", PRODUCT, create("old").body["product_id"], etag="*", body={"name": "New", "category": "home"})
    publish()


@pytest.fixture
def look(call):
    def look():
        bootstrap.answers.cache_clear()
        lists = [call("GET", PRODUCTS, query=query) for query in ({}, {"q": "thing"}, {"sort": "newest"})]
        assert all(answer.status == 200 for answer in lists)
        return [answer.body["items"] for answer in lists], call("GET", "/catalog/categories").body

    return look


def test_it_is_the_same_afterwards_and_all_the_time_until_then(shop, start, step, status, look, rows, dynamodb):
    before, keys = look(), rows("card#", "list#", "term#", "categories")
    started = start()
    assert (started.status, started.body["status"]) == (202, "building")
    steps = 0
    while step():
        steps += 1
        assert look() == before
    done = status(started)
    assert (done["status"], done["removed"], steps > 5) == ("completed", len(keys), True)
    assert rows("card#", "list#", "term#", "categories") == keys
    names = {item["pk"]["S"].partition("/")[0] for item in dynamodb.scan(TableName=READ)["Items"]}
    assert names == {"generations", started.body["rebuild_id"]}


def test_what_was_wrong_is_right_afterwards(shop, start, step, look, dynamodb):
    right = look()
    for item in dynamodb.scan(TableName=READ)["Items"][::2]:
        dynamodb.delete_item(TableName=READ, Key={"pk": item["pk"], "sk": item["sk"]})
    assert look() != right
    start()
    while step():
        pass
    assert look() == right


def test_what_happens_meanwhile_is_in_both(shop, start, step, create, call, publish, look, find):
    start()
    for number in range(20):
        if number == 1:
            create("late", name="Late thing", category="home")
            product_id = create("gone", name="Gone thing").body["product_id"]
            publish()
        if number == 2:
            call("DELETE", PRODUCT, product_id, etag="*")
            publish()
        if number >= 2:
            bootstrap.answers.cache_clear()
            assert find(q="thing") == ["cup", "jug", "late", "mug", "pen"], number
        if not step():
            break
    bootstrap.answers.cache_clear()
    assert find(q="late") == ["late"]


def test_one_at_a_time(shop, start, step):
    first = start("one")
    assert (start("two").status, start("two").body["code"]) == (409, "rebuild_runs")
    assert start("one").text == first.text
    while step():
        pass
    assert start("two").status == 202


def test_rebuilds_are_for_staff(start, call):
    assert (start(roles="").status, start(caller=None).status) == (403, 401)
    assert call("GET", f"{REBUILDS}/rbd_none", route=REBUILD).status == 404
