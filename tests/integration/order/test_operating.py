"""Staff look after what does not go on: retry, compensate, close. And nobody else does."""

import pytest

from order import bootstrap, handlers
from tests.integration.order.conftest import euro

ROUTES = ("/orders/{order_id}/retry", "/orders/{order_id}/compensate", "/orders/{order_id}/close")
MUCH_LATER = 1714521600000 + 3_600_000


@pytest.fixture
def operate(call):
    def operate(order_id, what, key="o", reason="mended", roles="staff", **how):
        route = f"/orders/{{order_id}}/{what}"
        return call("POST", route, order_id=order_id, caller="cus_eve", roles=roles, key=key, body={"reason": reason})

    return operate


@pytest.fixture
def types():
    return lambda order_id: [message.type for message in bootstrap.streams().messages(order_id, "order")]


@pytest.fixture
def told(deliver, message):
    """Other domains have told this about an order, one fact after the other."""

    def told(order_id, *facts):
        for number, (source, type, data) in enumerate(facts, start=1):
            subject, time = f"{source}_{order_id}", f"2024-05-01T00:00:{number:02}Z"
            fact = message(source, type, subject, {"order_id": order_id, **data}, sequence=number, time=time)
            assert deliver(handlers.consumer, fact) == []

    return told


ITEMS = [{"sku": "mug", "quantity": 2}]
RESERVED = ("inventory", "StockReserved", {"items": ITEMS})
RELEASED = ("inventory", "StockReleased", {"items": ITEMS})
COMMITTED = ("inventory", "StockCommitted", {"items": ITEMS})
AUTHORIZED = ("payment", "PaymentAuthorized", {"amount": euro(2368)})
CAPTURED = ("payment", "PaymentCaptured", {"amount": euro(2368)})
VOIDED = ("payment", "PaymentVoided", {"amount": euro(2368)})
DISPATCHED = (
    "shipping",
    "ShipmentDispatched",
    {"shipment_id": "shp_1", "carrier": "DHL", "tracking_number": "T", "items": ITEMS},
)
LOST = ("shipping", "ShipmentFailed", {"shipment_id": "shp_1", "cause": "lost"})


@pytest.fixture
def confirmed(place, step):
    order_id = place().body["order_id"]
    step("ConfirmOrder", order_id, payment_id="pay_1")
    return order_id


@pytest.fixture
def parked(confirmed, step):
    step("ParkOrder", confirmed, cause="PaymentNotCapturable")
    return confirmed


def test_staff_find_what_is_parked_and_why(parked, call, relayed):
    relayed()
    [order] = call("GET", "/orders", query={"status": "needs_attention"}, caller="cus_eve", roles="staff").body["items"]
    assert (order["order_id"], order["reason"]) == (parked, "payment_not_capturable")


def test_a_retry_starts_what_follows_the_dispatch_again(parked, told, operate, types):
    told(parked, RESERVED, AUTHORIZED, DISPATCHED)
    answer = operate(parked, "retry")
    assert (answer.status, answer.body["status"]) == (202, "confirmed")
    assert types(parked)[-2:] == ["OrderRetried", "OrderResumed"]
    resumed = bootstrap.streams().messages(parked, "order")[-1]
    assert resumed.actor == "cus_eve"
    assert (resumed.data["saga"], resumed.data["shipment_id"], resumed.data["items"]) == (
        "fulfil_order",
        "shp_1",
        ITEMS,
    )


def test_the_same_request_again_is_one_retry(parked, told, operate, types):
    told(parked, RESERVED, AUTHORIZED, DISPATCHED)
    first, again = operate(parked, "retry"), operate(parked, "retry")
    assert (again.status, again.text, again.headers["Idempotent-Replayed"]) == (202, first.text, "true")
    assert types(parked).count("OrderRetried") == 1


def test_compensating_starts_the_cancellation(parked, told, operate, types):
    told(parked, RESERVED, AUTHORIZED)
    assert operate(parked, "compensate").body["status"] == "cancelling"
    asked = bootstrap.streams().messages(parked, "order")[-1]
    assert (asked.type, asked.data["saga"], asked.data["goods_left"]) == ("OrderCancelRequested", "cancel_order", False)


def test_when_the_goods_are_gone_compensating_gives_the_money_back_alone(parked, told, operate):
    told(parked, RESERVED, AUTHORIZED, DISPATCHED)
    assert operate(parked, "compensate").status == 202
    assert bootstrap.streams().messages(parked, "order")[-1].data["goods_left"] is True


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        pytest.param([RESERVED, AUTHORIZED], "money_is_held", id="money at the bank"),
        pytest.param([RESERVED, AUTHORIZED, COMMITTED, CAPTURED], "money_is_held", id="money with us, goods not sent"),
        pytest.param([("payment", "PaymentInDoubt", {})], "money_is_held", id="perhaps"),
        pytest.param([RESERVED, AUTHORIZED, VOIDED], "stock_is_reserved", id="stock"),
        pytest.param([RESERVED, RELEASED, AUTHORIZED, VOIDED], "still_moving", id="nothing, but a saga may be at work"),
    ],
)
def test_an_order_is_not_closed_over_what_it_still_holds(facts, code, parked, told, operate, types):
    told(parked, *facts)
    before = types(parked)
    answer = operate(parked, "close")
    assert (answer.status, answer.body["code"]) == (409, code)
    assert types(parked) == before


def test_what_a_person_has_undone_is_closed_as_cancelled(parked, told, call, types):
    told(parked, RESERVED, RELEASED, AUTHORIZED, VOIDED)
    answer = call(
        "POST",
        "/orders/{order_id}/close",
        order_id=parked,
        caller="cus_eve",
        roles="staff",
        key="o",
        body={"reason": "paid back by hand"},
        at=MUCH_LATER,
    )
    assert (answer.status, answer.body["status"], answer.body["reason"]) == (202, "cancelled", "paid back by hand")
    assert types(parked)[-2:] == ["OrderSettled", "OrderCancelled"]


def test_a_lost_parcel_that_a_person_has_seen_to_is_closed_as_shipped(confirmed, told, step, operate):
    step("ShipOrder", confirmed, shipment_id="shp_1", carrier="DHL", tracking_number="T")
    told(confirmed, RESERVED, AUTHORIZED, DISPATCHED, CAPTURED, COMMITTED, LOST)
    answer = operate(confirmed, "close", reason="sent another one")
    assert (answer.status, answer.body["status"]) == (202, "shipped")


@pytest.mark.parametrize("what", ["retry", "compensate", "close"])
def test_what_is_well_needs_nobody(what, confirmed, step, told, operate, types):
    step("ShipOrder", confirmed, shipment_id="shp_1", carrier="DHL", tracking_number="T")
    before = types(confirmed)
    answer = operate(confirmed, what)
    expected = {"retry": "nothing_to_retry", "compensate": "not_compensable", "close": "not_settleable"}[what]
    assert (answer.status, answer.body["code"]) == (409, expected)
    assert types(confirmed) == before


@pytest.mark.parametrize("route", ROUTES)
def test_only_staff_may_and_they_say_why(route, parked, call, types):
    before = types(parked)
    how = {"order_id": parked, "key": "o"}
    assert call("POST", route, **how, body={"reason": "x"}).status == 403
    assert call("POST", route, **how, caller=None, body={"reason": "x"}).status == 401
    staff = {"caller": "cus_eve", "roles": "staff"}
    unknown = call("POST", route, order_id="ord_none", key="o", **staff, body={"reason": "x"})
    assert (unknown.status, unknown.body["code"]) == (404, "not_found")
    keyless = call("POST", route, order_id=parked, **staff, body={"reason": "x"})
    assert (keyless.status, keyless.body["code"]) == (400, "idempotency_key_required")
    for body, field in (({}, "reason"), ({"reason": " "}, "reason"), ({"reason": "x", "status": "shipped"}, "status")):
        answer = call("POST", route, **how, **staff, body=body)
        assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, [field])
    assert types(parked) == before
