"""Orders are taken, read, listed and told about; bad requests change nothing."""

import pytest

from common.infrastructure.item import from_values
from order import bootstrap, handlers
from tests.integration.order.conftest import ADDRESS, TWO_MUGS, euro, product


def test_an_order_is_taken_at_our_prices_and_can_be_read_at_once(place, call):
    answer = place()
    assert (answer.status, answer.body["status"], answer.body["total"]) == (202, "placed", euro(2368))
    assert "Idempotent-Replayed" not in answer.headers
    read = call("GET", "/orders/{order_id}", order_id=answer.body["order_id"])
    assert (read.status, read.body) == (200, answer.body)
    assert answer.headers["Location"] == f"/orders/{answer.body['order_id']}"


def test_the_same_request_again_gets_the_same_answer_whatever_happened_since(place, step, shop):
    first = place()
    step("ConfirmOrder", first.body["order_id"], payment_id="pay_1")
    again = place()
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (first.status, first.body, "true")
    assert shop.scan(TableName="commerce-order-events")["Count"] == 2


def test_nobody_can_tell_another_ones_order_from_none(place, call):
    order_id = place().body["order_id"]
    for route in ("/orders/{order_id}", "/orders/{order_id}/timeline"):
        foreign = call("GET", route, order_id=order_id, caller="cus_bob")
        absent = call("GET", route, order_id="ord_none", caller="cus_bob")
        assert foreign.status == 404
        assert {**foreign.body, "instance": ""} == {**absent.body, "instance": ""}


def with_(**changes):
    return TWO_MUGS | changes


@pytest.mark.parametrize(
    ("body", "key", "status", "code"),
    [
        pytest.param(TWO_MUGS, None, 400, "idempotency_key_required", id="no key"),
        pytest.param(TWO_MUGS, "ü", 400, "idempotency_key_required", id="a key that cannot be printed"),
        pytest.param(with_(payment_method="pm_x"), "used", 422, "idempotency_key_reused", id="a key used before"),
        pytest.param('{"items": NaN}', "k", 400, "malformed", id="no number"),
        pytest.param('{"items": [], "items": []}', "k", 400, "malformed", id="a key twice"),
        pytest.param('{"\\ud800": 1}', "k", 400, "malformed", id="half of a character"),
        pytest.param("[" * 100_000, "k", 400, "malformed", id="brackets without end"),
        pytest.param(with_(items=[{"sku": "cup", "quantity": 1}]), "k", 422, "unknown_sku", id="no such SKU"),
        pytest.param(with_(expected_total=euro(1)), "k", 409, "price_changed", id="another price than was seen"),
        pytest.param(with_(coupon="NONE"), "k", 422, "unknown_coupon", id="no such coupon"),
        pytest.param(with_(payment_method="4242424242424242"), "k", 422, "card_number_refused", id="a card number"),
    ],
)
def test_a_refusal_is_a_problem_document(body, key, status, code, place):
    place(key="used")
    answer = place(body, key=key)
    assert (answer.status, answer.body["status"], answer.body["code"]) == (status, status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["trace_id"] == answer.headers["x-trace-id"]
    assert "4242424242424242" not in answer.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param(with_(items=TWO_MUGS["items"] * 2), "items", id="a SKU twice"),
        pytest.param(with_(items=[{"sku": "mug", "quantity": True}]), "items.0.quantity", id="a quantity that is none"),
        pytest.param(with_(items=[{"sku": "mug", "quantity": -1}]), "items.0.quantity", id="a negative quantity"),
        pytest.param(with_(price=1), "price", id="a price of the client's own"),
        pytest.param(with_(shipping_address=ADDRESS | {"country": "de"}), "shipping_address.country", id="no country"),
        pytest.param(with_(coupon=""), "coupon", id="a coupon without a code"),
    ],
)
def test_a_wrong_field_is_named(body, field, place):
    answer = place(body)
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, [field])


def test_a_stranger_is_asked_to_sign_in_before_the_body_is_looked_at(call):
    assert call("POST", "/orders", caller=None, body="nonsense").status == 401


def test_what_is_no_longer_sold_cannot_be_ordered_and_old_news_changes_nothing(place, deliver, message):
    deliver(handlers.consumer, message("catalog", "ProductArchived", "prd_1", product(status="archived"), sequence=3))
    deliver(handlers.consumer, message("catalog", "PriceChanged", "prd_1", product(amount=1), sequence=2))
    assert place().body["code"] == "unknown_sku"


def test_a_step_may_be_repeated(place, step, call):
    order_id = place().body["order_id"]
    assert step("RejectOrder", order_id, cause="OutOfStock") == step("RejectOrder", order_id, cause="OutOfStock")
    order = call("GET", "/orders/{order_id}", order_id=order_id).body
    assert (order["status"], order["reason"]) == ("rejected", "out_of_stock")


def test_a_quote_is_the_order_that_would_be_placed(call, place):
    quote = call("POST", "/orders/quote", caller=None, body={k: TWO_MUGS[k] for k in ("items", "shipping_address")})
    assert quote.status == 200
    assert quote.body["total"] == place().body["total"]


def test_cancelling_twice_with_one_key_is_one_cancellation_and_one_answer(place, call, shop):
    order_id = place().body["order_id"]
    first, again = (
        call("POST", "/orders/{order_id}/cancel", order_id=order_id, key="c", body={"reason": "no"}) for _ in "12"
    )
    assert (first.status, first.body["status"]) == (202, "cancelling")
    assert (again.status, again.text, again.headers["Idempotent-Replayed"]) == (202, first.text, "true")
    assert shop.scan(TableName="commerce-order-events")["Count"] == 2


def test_a_shipped_order_cannot_be_cancelled(place, step, call):
    order_id = place().body["order_id"]
    step("ConfirmOrder", order_id, payment_id="pay_1")
    step("ShipOrder", order_id, shipment_id="shp_1", carrier="DHL", tracking_number="T")
    answer = call("POST", "/orders/{order_id}/cancel", order_id=order_id, key="c", body={})
    assert (answer.status, answer.body["code"]) == (409, "not_cancellable")


def test_lists_show_each_customer_their_own_and_staff_everyones(place, call, relayed):
    mine = [place(key=f"k-{number}").body["order_id"] for number in range(3)]
    place(caller="cus_bob")
    relayed()
    first = call("GET", "/orders", query={"limit": "2"})
    rest = call("GET", "/orders", query={"limit": "2", "cursor": first.body["next_cursor"]})
    assert {order["order_id"] for order in first.body["items"] + rest.body["items"]} == set(mine)
    assert len(call("GET", "/orders", caller="cus_eve", roles="staff").body["items"]) == 4
    assert len(call("GET", "/orders", query={"status": "placed"}).body["items"]) == 3
    assert call("GET", "/orders", query={"status": "confirmed"}).body["items"] == []
    stolen = call("GET", "/orders", query={"limit": "2", "cursor": first.body["next_cursor"]}, caller="cus_bob")
    assert (stolen.status, stolen.body["code"]) == (400, "invalid_cursor")


def test_the_timeline_joins_what_all_domains_did_in_order(place, call, deliver, message):
    order_id = place().body["order_id"]
    fact = {"order_id": order_id, "payment_id": "pay_1", "amount": euro(2368)}
    paid = message("payment", "PaymentAuthorized", "pay_1", fact, sequence=2, time="2024-05-01T00:00:05Z")
    assert deliver(handlers.consumer, paid, paid) == []
    entries = call("GET", "/orders/{order_id}/timeline", order_id=order_id).body["items"]
    assert [entry["type"] for entry in entries] == ["OrderPlaced", "PaymentAuthorized"]
    assert call("GET", "/orders/{order_id}", order_id=order_id).body["payment"]["status"] == "authorized"


def test_facts_that_come_together_are_one_row_and_in_other_company_they_are_told_once(
    place, call, shop, deliver, message
):
    order_id = place().body["order_id"]
    data = {"order_id": order_id, "payment_id": "pay_1", "amount": euro(2368), "postings": ["long"] * 100}
    asked, paid, taken = (
        message("payment", f"Payment{what}", "pay_1", data, sequence=number)
        for number, what in enumerate(("ActionRequired", "Authorized", "Captured"), start=1)
    )
    for batch in ((asked, paid), (paid, asked), (asked,), (asked, taken), (taken, taken)):
        assert deliver(handlers.consumer, *batch) == []
    rows = [from_values(item) for item in shop.scan(TableName="commerce-order-state")["Items"]]
    assert len([row for row in rows if row["sk"].startswith("fact#")]) == 4
    assert "postings" not in str(list(bootstrap.facts().of(order_id)))
    entries = call("GET", "/orders/{order_id}/timeline", order_id=order_id).body["items"]
    told = ["OrderPlaced", "PaymentActionRequired", "PaymentAuthorized", "PaymentCaptured"]
    assert sorted(entry["type"] for entry in entries) == told


def test_a_saga_that_has_ended_before_its_start_is_heard_of_needs_no_watch(
    place, relayed, shop, step, deliver, message
):
    order_id = place().body["order_id"]
    step("ConfirmOrder", order_id, payment_id="pay_1")
    relayed()
    assert watched(shop) == []
    parcel = {"order_id": order_id, "shipment_id": "shp_1", "carrier": "UPS", "tracking_number": "EZ1", "items": []}
    left = message("shipping", "ShipmentDispatched", "csg_1", parcel)
    assert deliver(handlers.consumer, left) == []
    assert watched(shop) == [order_id]


def watched(shop):
    rows = [from_values(item) for item in shop.scan(TableName="commerce-order-state")["Items"]]
    return [row["order_id"] for row in rows if row["pk"] == "watch"]


def test_the_sweeper_starts_again_what_stands_still_and_forgets_what_has_ended(place, relayed, shop, context, step):
    standing, ended = place(key="a").body["order_id"], place(key="b").body["order_id"]
    step("ConfirmOrder", ended, payment_id="pay_1")
    relayed()
    handlers.sweeper({"id": "sweep-1", "time": "2024-05-01T00:10:00Z"}, context)
    assert watched(shop) == [standing]
    types = [message.type for message in bootstrap.streams().messages(standing, "order")]
    assert types == ["OrderPlaced", "OrderResumed"]


def test_a_message_that_cannot_be_read_is_reported_alone(deliver, message):
    good = message("catalog", "ProductCreated", "prd_2", product("cup"))
    assert deliver(handlers.consumer, "nonsense", good) == [0]
