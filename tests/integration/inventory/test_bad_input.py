"""What a false request gets, route by route: a stable code, the name of the field, and no change."""

import pytest

STOCK = "/inventory/stock/{sku}"
ADJUSTMENTS, MOVEMENTS, HOT = f"{STOCK}/adjustments", f"{STOCK}/movements", f"{STOCK}/hot"
LOW, AVAILABILITY = "/inventory/low-stock", "/inventory/availability"
GOOD = {"warehouse_id": "berlin", "delta": 1, "reason": "counted"}
FOR_STAFF = [("GET", STOCK), ("POST", ADJUSTMENTS), ("PUT", HOT), ("DELETE", HOT), ("GET", MOVEMENTS), ("GET", LOW)]
WITH_A_SKU = [route for route in FOR_STAFF if "{sku}" in route[1]]


@pytest.fixture
def unchanged(adjust, call, commits):
    """Three mugs, before and after."""
    adjust("mug", 3)
    before = call("GET", STOCK, sku="mug").body, len(commits())
    yield
    assert (call("GET", STOCK, sku="mug").body, len(commits())) == before


@pytest.mark.parametrize(("method", "route"), FOR_STAFF)
def test_stock_is_for_staff(method, route, call, unchanged):
    stranger = call(method, route, sku="mug", caller=None, key="k", body=GOOD)
    assert (stranger.status, stranger.body["code"]) == (401, "unauthenticated")
    customer = call(method, route, sku="mug", roles="", key="k", body=GOOD)
    assert (customer.status, customer.body["code"]) == (403, "forbidden")


@pytest.mark.parametrize(("method", "route"), WITH_A_SKU)
@pytest.mark.parametrize("sku", ["a b", "x" * 65, "m%C3%BCg", "a#b"])
def test_a_false_sku_is_named(method, route, sku, call, unchanged):
    body = {"POST": GOOD, "PUT": {}}.get(method)
    answer = call(method, route, sku=sku, key="k", body=body)
    assert (answer.status, answer.body.get("code")) in ((404, "not_found"), (422, "invalid_request"))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_sku_that_nobody_knows_is_not_found(method, call, unchanged):
    answer = call(method, STOCK if method == "GET" else HOT, sku="cup", body={} if method == "PUT" else None)
    assert (answer.status, answer.body["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"delta": 0}, "delta", id="nothing"),
        pytest.param({"delta": True}, "delta", id="not a number"),
        pytest.param({"delta": 1.0}, "delta", id="a fraction"),
        pytest.param({"delta": "1"}, "delta", id="text"),
        pytest.param({"delta": 10**30}, "delta", id="more than there is in the world"),
        pytest.param({"delta": -(10**30)}, "delta", id="less than that"),
        pytest.param({"warehouse_id": "a#b"}, "warehouse_id", id="a warehouse with a false name"),
        pytest.param({"warehouse_id": ""}, "warehouse_id", id="one without a name"),
        pytest.param({"warehouse_id": None}, "warehouse_id", id="none"),
        pytest.param({"reason": " "}, "reason", id="no reason"),
        pytest.param({"reason": "a\nb"}, "reason", id="a reason of two lines"),
        pytest.param({"reason": "x" * 201}, "reason", id="a story"),
        pytest.param({"on_hand": 5}, "on_hand", id="a field of the client's own"),
    ],
)
def test_a_false_adjustment_is_refused_and_its_field_named(change, field, call, unchanged):
    answer = call("POST", ADJUSTMENTS, sku="mug", key="k", body=GOOD | change)
    assert (answer.status, answer.body["code"]) == (422, "invalid_request")
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert call("POST", ADJUSTMENTS, sku="cup", key="k", body=GOOD | change).status == 422
    assert call("GET", STOCK, sku="cup").status == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 400), ('{"delta": NaN}', 400), ('{"delta": 1, "delta": 2}', 400), ("[]", 400), (None, 422)],
)
def test_what_is_no_adjustment_at_all_is_refused(body, status, call, unchanged):
    assert call("POST", ADJUSTMENTS, sku="mug", key="k", body=body).status == status


def test_an_adjustment_needs_a_key_and_a_refused_one_does_not_burn_it(call, adjust):
    keyless = call("POST", ADJUSTMENTS, sku="mug", body=GOOD)
    assert (keyless.status, keyless.body["code"]) == (400, "idempotency_key_required")
    assert call("POST", ADJUSTMENTS, sku="mug", key="x" * 256, body=GOOD).status == 400
    assert call("POST", ADJUSTMENTS, sku="mug", key="k", body=GOOD | {"delta": 0}).status == 422
    short = call("POST", ADJUSTMENTS, sku="mug", key="k", body=GOOD | {"delta": -1})
    assert (short.status, short.body["code"]) == (409, "insufficient_stock")
    done = call("POST", ADJUSTMENTS, sku="mug", key="k", body=GOOD)
    assert (done.status, "Idempotent-Replayed" in done.headers) == (201, False)
    again = call("POST", ADJUSTMENTS, sku="mug", key="k", body=GOOD)
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, done.body, "true")
    other = call("POST", ADJUSTMENTS, sku="mug", key="k", body=GOOD | {"delta": 2})
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert call("POST", ADJUSTMENTS, sku="mug", key="k", caller="cus_other", body=GOOD).status == 201
    assert call("POST", ADJUSTMENTS, sku="cup", key="k", body=GOOD).status == 201
    assert call("GET", STOCK, sku="mug").body["on_hand"] == 2


@pytest.mark.parametrize("shards", [1, 0, -1, 33, True, "4", 2.0, None])
def test_a_false_number_of_shards_is_refused_and_named(shards, call, unchanged):
    answer = call("PUT", HOT, sku="mug", body={"shards": shards})
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, ["shards"])
    assert call("PUT", HOT, sku="mug", body={"shard": 2}).body["errors"][0]["field"] == "shard"


@pytest.mark.parametrize("asked", [None, "", "a b", "ü", ",".join(f"s{n}" for n in range(51)), "x" * 65])
def test_availability_is_asked_for_one_to_fifty_skus(asked, call):
    query = {} if asked is None else {"sku": asked}
    answer = call("GET", AVAILABILITY, caller=None, query=query)
    assert (answer.status, answer.body["code"]) == (422, "invalid_request")
    assert {error["field"].split(".")[0] for error in answer.body["errors"]} == {"sku"}


@pytest.mark.parametrize("route", [MOVEMENTS, LOW])
@pytest.mark.parametrize(
    ("query", "status"),
    [({"limit": "0"}, 422), ({"limit": "101"}, 422), ({"limit": "x"}, 422), ({"cursor": "nonsense"}, 400)],
)
def test_a_list_takes_a_limit_and_a_cursor_of_ours(route, query, status, call, unchanged):
    assert call("GET", route, sku="mug", query=query).status == status


def test_a_cursor_is_good_for_its_caller_and_its_query_only(adjust, carry, call):
    for sku in ("mug", "cup"):
        adjust(sku, 1)
        adjust(sku, 2)
    carry()
    for route in (MOVEMENTS, LOW):
        cursor = call("GET", route, sku="mug", query={"limit": "1"}).body["next_cursor"]
        assert len(call("GET", route, sku="mug", query={"cursor": cursor}).body["items"]) == 1
        other = call("GET", route, sku="mug", caller="cus_other", query={"cursor": cursor})
        assert (other.status, other.body["code"]) == (400, "invalid_cursor")
    cursor = call("GET", MOVEMENTS, sku="mug", query={"limit": "1"}).body["next_cursor"]
    assert call("GET", MOVEMENTS, sku="cup", query={"cursor": cursor}).body["code"] == "invalid_cursor"
