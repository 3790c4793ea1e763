"""A file of products through its front door, and in."""

import json

import boto3
import pytest

from catalog import bootstrap, handlers
from catalog.imports import use_cases

IMPORTS, IMPORT = "/catalog/imports", "/catalog/imports/{id}"
PRODUCTS, PRODUCT = "/catalog/products", "/catalog/products/{product_id}"


def line(sku, amount=750, **more):
    return {"sku": sku, "name": sku.title(), "price": {"amount": amount, "currency": "EUR"}, **more}


def ndjson(*lines):
    return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)


@pytest.fixture
def post(call):
    def post(*lines, key="k", **how):
        return call("POST", IMPORTS, body=ndjson(*lines), key=key, **how)

    return post


@pytest.fixture
def status(call):
    return lambda import_id: call("GET", f"/catalog/imports/{import_id}", route="/catalog/imports/{import_id}").body


@pytest.fixture
def work(outgoing, deliver):
    """What the worker hears, until nothing new comes; each message twice, and old ones again."""

    def work():
        done = 0
        while True:
            told = [m for m in outgoing() if m["type"] in ("ImportRequested", "ImportAdvanced")]
            if len(told) == done:
                return
            done = len(told)
            assert deliver(handlers.worker, *told, *told) == []

    return work


@pytest.fixture
def run(post, work, status):
    def run(*lines, key="k"):
        answer = post(*lines, key=key)
        assert answer.status == 202, answer.text
        work()
        return status(answer.body["import_id"])

    return run


@pytest.fixture
def product_events(outgoing):
    return lambda: [(m["type"], m["data"]["product"]["sku"]) for m in outgoing() if m["subject"].startswith("prd_")]


def test_good_lines_go_in_and_bad_ones_are_named(run, publish, find):
    done = run(
        line("mug", category="home/mugs"),
        "",
        line("cup", amount=-1),
        '{"sku": NaN}',
        line("pot") | {"colour": "red"},
        line("a b"),
        line("card", description="4242 4242 4242 4242"),
        "[" * 5000,
        '"\\ud800"',
        line("jug"),
    )
    assert (done["status"], done["lines"], done["accepted"], done["rejected"]) == ("completed", 9, 2, 7)
    assert [(e["line"], e["field"]) for e in done["errors"]] == [
        (3, "price.amount"),
        (4, ""),
        (5, "colour"),
        (6, "sku"),
        (7, "description"),
        (8, ""),
        (9, ""),
    ]
    assert all(error["message"] for error in done["errors"])
    publish()
    assert find() == ["jug", "mug"]


def test_the_same_file_again_changes_nothing(run, product_events):
    lines = [line("mug", category="home"), line("cup"), line("mug", amount=1, currency=1)]
    assert run(*lines)["accepted"] == 2
    before = product_events()
    assert (run(*lines, key="again")["accepted"], product_events()) == (2, before)


def test_a_sku_that_exists_becomes_what_the_line_says(run, create, call, product_events):
    made = create("mug", 750, description="stays", category="home").body
    assert run(line("mug", 800) | {"name": "Better mug"})["accepted"] == 1
    now = call("GET", PRODUCT, made["product_id"]).body
    assert (now["name"], now["price"]["amount"], now["description"], now["category"]) == (
        "Better mug",
        800,
        "stays",
        "home",
    )
    assert product_events() == [("ProductCreated", "mug"), ("ProductChanged", "mug"), ("PriceChanged", "mug")]


def test_of_two_lines_with_one_sku_the_later_holds(run, call, product_events):
    run(line("mug", 1), line("mug", 2))
    assert product_events() == [("ProductCreated", "mug"), ("PriceChanged", "mug")]


def test_what_is_archived_stays_so(run, create, call):
    made = create("mug").body
    call("DELETE", PRODUCT, made["product_id"], etag="*")
    [error] = run(line("mug"))["errors"]
    assert (error["line"], "archived" in error["message"]) == (1, True)


def test_variants_come_in_under_their_parent_and_stay_there(run, create):
    parent, other = create("shirt").body["product_id"], create("coat").body["product_id"]
    assert run(line("shirt-red", parent_id=parent))["accepted"] == 1
    [error] = run(line("shirt-red", parent_id=other), key="moved")["errors"]
    assert error["field"] == "parent_id"
    [error] = run(line("x", parent_id="prd_" + "0" * 32), key="orphan")["errors"]
    assert error["field"] == "parent_id"


def test_a_file_goes_in_step_by_step_and_each_counts_once(run, outgoing, monkeypatch):
    monkeypatch.setattr(use_cases, "AT_ONCE", 3)
    done = run(*(line(f"s{number}") if number % 4 else "bad" for number in range(10)))
    assert (done["accepted"], done["rejected"]) == (7, 3)
    assert [error["line"] for error in done["errors"]] == [1, 5, 9]
    steps = [m["type"] for m in outgoing() if m["type"].startswith("Import")]
    assert steps == ["ImportRequested", *["ImportAdvanced"] * 3, "ImportCompleted"]


def test_a_step_that_was_cut_off_is_taken_again(post, work, status, outgoing, deliver, monkeypatch):
    monkeypatch.setattr(use_cases, "AT_ONCE", 4)
    import_id = post(*(line(f"s{number}") for number in range(6))).body["import_id"]
    real, left = bootstrap.products().handle, iter([True, True, False])

    def handle(command, origin):
        if not next(left, True):
            raise RuntimeError("the process is gone")
        return real(command, origin)

    monkeypatch.setattr(bootstrap.products(), "handle", handle)
    [first] = [m for m in outgoing() if m["type"] == "ImportRequested"]
    assert deliver(handlers.worker, first) == [0]
    assert status(import_id)["status"] == "pending"
    work()
    done = status(import_id)
    assert (done["status"], done["accepted"], done["errors"]) == ("completed", 6, [])
    assert sum(m["type"] == "ProductCreated" for m in outgoing()) == 6


def test_a_file_that_is_gone_fails(post, work, status):
    import_id = post(line("mug")).body["import_id"]
    s3 = boto3.client("s3")
    for one in s3.list_objects_v2(Bucket="imports")["Contents"]:
        s3.delete_object(Bucket="imports", Key=one["Key"])
    work()
    assert status(import_id)["status"] == "failed"


def test_the_same_request_has_one_effect(post, outgoing):
    first, again = post(line("mug")), post(line("mug"))
    assert (first.status, first.body["status"], again.text) == (202, "pending", first.text)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert post(line("cup")).body["code"] == "idempotency_key_reused"
    assert len(outgoing()) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 422, "nothing_to_import"),
        ("\n \n", 422, "nothing_to_import"),
        ("{}\n" * 10_001, 413, "too_many_lines"),
        ("x" * (6 * 1024 * 1024 + 1), 413, "too_large"),
    ],
)
def test_what_is_no_file_is_refused_and_does_not_burn_the_key(call, post, outgoing, body, status, code):
    answer = call("POST", IMPORTS, body=body, key="k")
    assert (answer.status, answer.body["code"]) == (status, code)
    assert outgoing() == []
    assert post(line("mug")).status == 202


def test_a_file_may_be_longer_than_other_bodies(post, work, status):
    import_id = post(*(line(f"s{n}", description="x" * 4000) for n in range(100))).body["import_id"]
    work()
    assert status(import_id)["accepted"] == 100


def test_imports_are_for_staff(post, call):
    assert (post(line("mug"), roles="").status, post(line("mug"), caller=None).status) == (403, 401)
    assert post(line("mug"), key=None).body["code"] == "idempotency_key_required"
    assert call("GET", "/catalog/imports/imp_none", route="/catalog/imports/{import_id}").status == 404
