"""Whatever is asked wrongly is answered by its rule, for each route, and changes nothing."""

import pytest

from order import handlers
from tests.integration.order.conftest import ADDRESS, TWO_MUGS

PARCEL = {"shipment_id": "shp_1", "carrier": "DHL", "tracking_number": "T"}
TO_STATUS = {
    "placed": [],
    "confirmed": [("ConfirmOrder", {"payment_id": "pay_1"})],
    "shipped": [("ConfirmOrder", {"payment_id": "pay_1"}), ("ShipOrder", PARCEL)],
    "rejected": [("RejectOrder", {"cause": "OutOfStock"})],
    "needs_attention": [("ParkOrder", {"cause": "PaymentNotCapturable"})],
}


@pytest.fixture
def placed(place, step):
    """An order that has come so far; its id."""

    def placed(status="placed", key="k-1"):
        order_id = place(key=key).body["order_id"]
        for type, fields in TO_STATUS[status]:
            step(type, order_id, **fields)
        return order_id

    return placed


@pytest.fixture
def unchanged(shop):
    """Nothing was written to either table meanwhile."""
    tables = ("commerce-order-events", "commerce-order-state")

    def rows():
        return [sorted(map(str, shop.scan(TableName=table)["Items"])) for table in tables]

    seen = []
    yield lambda: seen.append(rows())
    assert [rows()] == seen


def fields(answer):
    return [error["field"] for error in answer.body["errors"]]


@pytest.mark.parametrize("route", ["/orders/quote", "/orders"])
@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"items": []}, "items", id="nothing"),
        pytest.param({"items": [{"sku": "mug", "quantity": 1}] * 51}, "items", id="too many lines"),
        pytest.param({"items": [{"sku": "mug", "quantity": 0}]}, "items.0.quantity", id="none of it"),
        pytest.param({"items": [{"sku": "mug", "quantity": 1001}]}, "items.0.quantity", id="too many of it"),
        pytest.param({"items": [{"sku": "mug", "quantity": "2"}]}, "items.0.quantity", id="a text for a number"),
        pytest.param({"items": [{"sku": "a b", "quantity": 1}]}, "items.0.sku", id="what is no SKU"),
        pytest.param({"items": [{"sku": "cup", "quantity": 1}]}, "items.0.sku", id="what is not sold"),
        pytest.param({"items": [{"sku": "mug", "quantity": 1, "price": 1}]}, "items.0.price", id="a price"),
        pytest.param({"shipping_method": "teleport"}, "shipping_method", id="an unknown method"),
        pytest.param({"shipping_address": ADDRESS | {"country": "Germany"}}, "shipping_address.country", id="a name"),
        pytest.param({"shipping_address": ADDRESS | {"floor": 2}}, "shipping_address.floor", id="an unknown field"),
        pytest.param({"coupon": "x" * 65}, "coupon", id="a coupon too long"),
        pytest.param({"coupon": 7}, "coupon", id="a coupon that is no text"),
        pytest.param({"coupon": "NONE"}, "coupon", id="a coupon that nobody made"),
        pytest.param({"status": "confirmed"}, "status", id="a status"),
    ],
)
def test_a_wrong_field_is_named_in_a_quote_as_in_an_order(route, change, field, call, unchanged):
    unchanged()
    quoted = ("items", "shipping_address", "shipping_method")
    body = (TWO_MUGS if route == "/orders" else {name: TWO_MUGS[name] for name in quoted}) | change
    answer = call("POST", route, body=body, key="k")
    assert (answer.status, fields(answer)) == (422, [field])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"payment_method": "visa"}, "payment_method", id="no token of the provider's"),
        pytest.param({"expected_total": {"amount": 1.5, "currency": "EUR"}}, "expected_total.amount", id="a fraction"),
        pytest.param({"expected_total": {"amount": 1, "currency": "XXX"}}, "expected_total.currency", id="no currency"),
        pytest.param({"customer_id": "cus_bob"}, "customer_id", id="somebody else's order"),
    ],
)
def test_so_is_one_that_only_an_order_has(change, field, place, unchanged):
    unchanged()
    answer = place(TWO_MUGS | change)
    assert (answer.status, fields(answer)) == (422, [field])


@pytest.mark.parametrize("missing", ["items", "shipping_address", "shipping_method", "payment_method"])
def test_so_is_what_an_order_lacks(missing, place, unchanged):
    unchanged()
    answer = place({name: value for name, value in TWO_MUGS.items() if name != missing})
    assert (answer.status, fields(answer)) == (422, [missing])


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        pytest.param({"status": "lost"}, 422, "invalid_request", id="an unknown status"),
        pytest.param({"limit": "0"}, 422, "invalid_request", id="no items"),
        pytest.param({"limit": "101"}, 422, "invalid_request", id="too many"),
        pytest.param({"limit": "many"}, 422, "invalid_request", id="no number"),
        pytest.param({"cursor": "AAAA"}, 400, "invalid_cursor", id="a cursor that is none"),
    ],
)
def test_lists_and_stories_are_asked_for_properly(query, status, code, placed, call):
    order_id = placed()
    answers = [call("GET", "/orders", query=query)]
    if "status" not in query:
        answers.append(call("GET", "/orders/{order_id}/timeline", order_id=order_id, query=query))
    assert [(answer.status, answer.body["code"]) for answer in answers] == [(status, code)] * len(answers)


@pytest.mark.parametrize("status", ["shipped", "rejected", "needs_attention"])
def test_what_has_left_or_ended_or_waits_for_a_person_is_not_cancelled(status, placed, call, unchanged):
    order_id = placed(status)
    unchanged()
    answer = call("POST", "/orders/{order_id}/cancel", order_id=order_id, key="c", body={})
    assert (answer.status, answer.body["code"]) == (409, "not_cancellable")


def test_what_shipping_has_told_is_left_is_not_cancelled_before_the_order_knows(
    placed, call, deliver, message, unchanged
):
    order_id = placed("confirmed")
    told = {"order_id": order_id, **PARCEL, "items": TWO_MUGS["items"]}
    assert deliver(handlers.consumer, message("shipping", "ShipmentDispatched", "shp_1", told)) == []
    unchanged()
    answer = call("POST", "/orders/{order_id}/cancel", order_id=order_id, key="c", body={})
    assert (answer.status, answer.body["code"]) == (409, "not_cancellable")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"reason": ""}, "reason", id="an empty reason"),
        pytest.param({"reason": "x" * 201}, "reason", id="a long one"),
        pytest.param({"reason": "a\u0000b"}, "reason", id="one that cannot be printed"),
        pytest.param({"refund": True}, "refund", id="an unknown field"),
    ],
)
def test_a_cancellation_says_why_properly_or_not_at_all(body, field, placed, call, unchanged):
    order_id = placed()
    unchanged()
    answer = call("POST", "/orders/{order_id}/cancel", order_id=order_id, key="c", body=body)
    assert (answer.status, fields(answer)) == (422, [field])


@pytest.mark.parametrize(
    ("method", "route", "body"),
    [
        ("GET", "/orders/{order_id}", None),
        ("GET", "/orders/{order_id}/timeline", None),
        ("POST", "/orders/{order_id}/cancel", {}),
    ],
)
def test_a_stranger_is_told_what_is_told_of_nothing(method, route, body, placed, call, unchanged):
    order_id = placed()
    unchanged()
    asked = {"key": "c", "body": body} if method == "POST" else {}
    theirs, nothing = (
        call(method, route, order_id=one, caller="cus_bob", **asked) for one in (order_id, "ord_" + "0" * 32)
    )
    assert theirs.status == nothing.status == 404
    assert {**theirs.body, "instance": ""} == {**nothing.body, "instance": ""}
    assert call(method, route, order_id=order_id, caller=None, **asked).status == 401


def test_a_cancellation_has_a_key(placed, call, unchanged):
    order_id = placed()
    unchanged()
    answer = call("POST", "/orders/{order_id}/cancel", order_id=order_id, body={})
    assert (answer.status, answer.body["code"]) == (400, "idempotency_key_required")
