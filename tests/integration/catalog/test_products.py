"""A product through its front doors: created, read, changed, priced, archived."""

import pytest

from catalog import handlers

PRICES = "/catalog/products/{product_id}/prices"
PRODUCTS, PRODUCT, PRICE = (
    "/catalog/products",
    "/catalog/products/{product_id}",
    "/catalog/products/{product_id}/price",
)


def euro(cents):
    return {"amount": cents, "currency": "EUR"}


LATER = 1714521600000 + 5000  # when what was cached is no longer good

GOOD = {"sku": "mug", "name": "Mug", "price": euro(750)}


def test_a_product_is_created_and_can_be_read_at_once(create, call):
    made = create(description="To drink from", category="home/mugs", attributes={"weight": 0.35, "safe": True})
    assert (made.status, made.body["status"], made.body["price"]) == (201, "active", euro(750))
    assert made.headers["Location"] == f"/catalog/products/{made.body['product_id']}"
    read = call("GET", PRODUCT, made.body["product_id"], caller=None, roles="")
    assert (read.status, read.body) == (200, {**made.body, "availability": "out", "variants": []})
    assert read.body["attributes"] == {"weight": 0.35, "safe": True}


def test_the_same_request_again_gets_the_same_answer_whatever_happened_since(create, call, dynamodb):
    first = create()
    assert (
        call("PUT", PRICE, first.body["product_id"], etag=first.headers["ETag"], body={"price": euro(1)}).status == 200
    )
    again = create()
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    assert dynamodb.scan(TableName="commerce-catalog-events")["Count"] == 2


def test_a_sku_belongs_to_one_product_for_good(create, call, dynamodb):
    first = create(key="one")
    assert (create(key="two").status, create(key="two").body["code"]) == (409, "sku_taken")
    call("DELETE", PRODUCT, first.body["product_id"], etag="*")
    assert create(key="three").status == 409
    assert dynamodb.scan(TableName="commerce-catalog-events")["Count"] == 2


@pytest.mark.parametrize(
    ("method", "route", "body"),
    [("PATCH", PRODUCT, {"name": "Cup"}), ("PUT", PRICE, {"price": euro(1)}), ("DELETE", PRODUCT, None)],
)
class TestChanging:
    def test_needs_the_version_that_was_seen(self, create, call, method, route, body):
        product_id = create().body["product_id"]
        assert call(method, route, product_id, body=body).status == 428
        assert call(method, route, product_id, body=body, etag='"7"').status == 412
        assert call(method, route, "prd_none", body=body, etag="*").status == 404

    def test_is_for_staff(self, create, call, method, route, body):
        product_id = create().body["product_id"]
        assert call(method, route, product_id, body=body, etag="*", roles="").status == 403
        assert call(method, route, product_id, body=body, etag="*", caller=None).status == 401

    def test_goes_by_the_tag_that_was_read(self, create, call, deliver, message, method, route, body):
        product_id = create().body["product_id"]
        tag = call("GET", PRODUCT, product_id).headers["ETag"]
        deliver(handlers.consumer, available(message, "mug", "low"))  # beside the product, and no change of it
        assert call(method, route, product_id, body=body, etag=tag).status in (200, 204)
        assert call(method, route, product_id, body=body, etag=tag).status == 412


def available(message, sku, word, sequence=1):
    data = {"sku": sku, "availability": word}
    return message("inventory", "AvailabilityChanged", f"stock_{sku}", data, sequence=sequence)


def test_changes_come_one_after_the_other(create, call):
    product_id = create(category="home").body["product_id"]
    changed = call("PATCH", PRODUCT, product_id, etag='"1"', body={"name": "Cup", "category": None})
    assert (changed.status, changed.body["name"], changed.body["category"]) == (200, "Cup", None)
    same = call("PATCH", PRODUCT, product_id, etag=changed.headers["ETag"], body={"name": "Cup"})
    assert (same.status, same.headers["ETag"], same.body) == (200, changed.headers["ETag"], changed.body)
    priced = call("PUT", PRICE, product_id, etag=same.headers["ETag"], body={"price": euro(1)})
    assert (priced.status, priced.body["price"], priced.headers["ETag"]) == (200, euro(1), '"3"')


def test_the_prices_that_a_product_has_had_are_public(create, call):
    product_id = create(at=LATER).body["product_id"]
    for number, cents in enumerate((700, 700, 650), 1):
        assert (
            call("PUT", PRICE, product_id, etag="*", body={"price": euro(cents)}, at=LATER + number * 1000).status
            == 200
        )
    call("PATCH", PRODUCT, product_id, etag="*", body={"name": "Cup"})
    ask = {"caller": None, "roles": ""}
    first = call("GET", PRICES, product_id, query={"limit": "2"}, **ask).body
    rest = call("GET", PRICES, product_id, query={"limit": "2", "cursor": first["next_cursor"]}, **ask).body
    assert [(p["price"]["amount"], p["since"][17:19], p["until"] and p["until"][17:19]) for p in first["items"]] == [
        (650, "08", None),
        (700, "06", "08"),
    ]
    assert ([p["price"]["amount"] for p in rest["items"]], rest["next_cursor"]) == ([750], None)
    assert call("GET", PRICES, "prd_none", **ask).status == 404


def test_what_is_archived_can_be_read_and_not_changed(create, call):
    product_id = create().body["product_id"]
    assert call("DELETE", PRODUCT, product_id, etag='"1"').status == 204
    assert call("DELETE", PRODUCT, product_id, etag='"2"').status == 204
    assert call("GET", PRODUCT, product_id).body["status"] == "archived"
    refused = call("PATCH", PRODUCT, product_id, etag="*", body={"name": "Cup"})
    assert (refused.status, refused.body["code"]) == (409, "product_is_archived")


def test_who_has_seen_it_is_not_told_again(create, call, deliver, message):
    product_id = create().body["product_id"]
    tag = call("GET", PRODUCT, product_id).headers["ETag"]
    seen = call("GET", PRODUCT, product_id, headers={"if-none-match": f'"x", W/{tag}'})
    assert (seen.status, seen.text or "", seen.headers["ETag"]) == (304, "", tag)
    deliver(handlers.consumer, available(message, "mug", "in_stock"))
    assert call("GET", PRODUCT, product_id, headers={"if-none-match": tag}, at=LATER).status == 200


def test_variants_are_shown_with_their_parent_and_all_with_their_availability(create, call, deliver, message):
    parent = create("shirt").body["product_id"]
    red, blue = (create(f"shirt-{colour}", parent_id=parent).body for colour in ("red", "blue"))
    deliver(handlers.consumer, available(message, "shirt-red", "out", 3), available(message, "shirt-red", "low", 2))
    deliver(handlers.consumer, available(message, "shirt-blue", "in_stock"))
    shown = call("GET", PRODUCT, parent).body
    assert {v["sku"]: v["availability"] for v in shown["variants"]} == {"shirt-red": "out", "shirt-blue": "in_stock"}
    assert {v["parent_id"] for v in shown["variants"]} == {parent}
    call("DELETE", PRODUCT, red["product_id"], etag="*")
    assert [v["sku"] for v in call("GET", PRODUCT, parent).body["variants"]] == ["shirt-blue"]
    assert create("shirt-red-xl", parent_id=blue["product_id"]).body["errors"][0]["field"] == "parent_id"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sku": "a b"}, "sku"),
        ({"sku": "x" * 65}, "sku"),
        ({"name": " "}, "name"),
        ({"name": "a\u0000"}, "name"),
        ({"price": euro(0)}, "price.amount"),
        ({"price": euro(-1)}, "price.amount"),
        ({"price": euro(True)}, "price.amount"),
        ({"price": {"amount": 1, "currency": "XXX"}}, "price.currency"),
        ({"price": 7.5}, "price"),
        ({"category": "home//mugs"}, "category"),
        ({"category": "a/b/c/d/e/f"}, "category"),
        ({"status": "archived"}, "status"),
        ({"product_id": "prd_1"}, "product_id"),
        ({"images": ["javascript:alert(1)"]}, "images.0"),
        ({"attributes": {f"a{n}": 1 for n in range(51)}}, "attributes"),
        ({"parent_id": "prd_" + "0" * 32}, "parent_id"),
    ],
)
def test_a_wrong_field_is_named(call, change, field):
    answer = call("POST", PRODUCTS, body=GOOD | change, key="k")
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)
    assert call("POST", PRODUCTS, body=GOOD, key="k").status == 201  # the key is not burnt


@pytest.mark.parametrize(
    ("body", "key", "status", "code"),
    [
        (GOOD, None, 400, "idempotency_key_required"),
        (GOOD | {"name": "Cup"}, "used", 422, "idempotency_key_reused"),
        ('{"sku": NaN}', "k", 400, "malformed"),
        (GOOD | {"description": "4242424242424242"}, "k", 422, "card_number_refused"),
    ],
)
def test_a_refusal_is_a_problem_document(call, body, key, status, code):
    call("POST", PRODUCTS, body=GOOD, key="used")
    answer = call("POST", PRODUCTS, body=body, key=key)
    assert (answer.status, answer.body["code"]) == (status, code)


def test_a_null_is_no_change(create, call):
    product_id = create().body["product_id"]
    assert call("PATCH", PRODUCT, product_id, etag="*", body={"name": None}).status == 422
    assert call("PATCH", PRODUCT, product_id, etag="*", body={"price": euro(1)}).status == 422


def test_every_event_carries_the_product_and_who_did_it(create, call, outgoing):
    product_id = create().body["product_id"]
    call("PUT", PRICE, product_id, etag="*", body={"price": euro(1)})
    call("DELETE", PRODUCT, product_id, etag="*")
    told = outgoing()
    assert [m["type"] for m in told] == ["ProductCreated", "PriceChanged", "ProductArchived"]
    assert [m["sequence"] for m in told] == [1, 2, 3]
    assert {m["actor"] for m in told} == {"cus_staff"}
    assert told[-1]["data"]["product"]["status"] == "archived"
