"""A shipment through its front doors: from what the queue, API Gateway, Step Functions and EasyPost send."""

import json

import pytest

from shipping import handlers
from shipping.decider import ShipmentAlreadyDispatched


def test_a_confirmed_order_gets_one_shipment(confirm, call, read, types):
    confirm()
    confirm()
    assert types() == ["ShipmentCreated"]
    shipment = {
        "shipment_id": "shp_1",
        "order_id": "ord_1",
        "status": "created",
        "carrier": None,
        "tracking_number": None,
        "items": [{"sku": "mug", "quantity": 2}],
        "events": [{"at": "2024-05-01T00:00:00Z", "status": "created", "location": None}],
    }
    assert read() == shipment
    listed = call("GET", "/shipments", query={"order_id": "ord_1"})
    assert (listed.status, listed.body) == (200, {"items": [shipment], "next_cursor": None})


def test_nobody_can_tell_another_ones_shipment_from_none(confirm, call):
    confirm()
    foreign = call("GET", "/shipments/{id}", id="shp_1", caller="cus_bob")
    absent = call("GET", "/shipments/{id}", id="shp_none", caller="cus_bob")
    assert foreign.status == 404
    assert {**foreign.body, "instance": ""} == {**absent.body, "instance": ""}
    nothing = {"items": [], "next_cursor": None}
    for order_id in ("ord_1", "ord_none"):
        assert call("GET", "/shipments", query={"order_id": order_id}, caller="cus_bob").body == nothing
    assert call("GET", "/shipments", query={"order_id": "ord_1"}, caller="cus_staff", roles="staff").body["items"]
    assert call("GET", "/shipments").status == 422
    assert call("GET", "/shipments/{id}", id="shp_1", caller=None).status == 401


def test_staff_dispatch_it_with_a_label(confirm, dispatch, read, easypost, wire, types):
    confirm()
    answer = dispatch()
    assert (answer.status, answer.body["status"], answer.body["carrier"]) == (200, "dispatched", "DPD")
    assert answer.body["label_url"].endswith(".pdf")
    assert wire.calls == ["retrieve", "create_shipment", "buy_shipment"]
    (bought,) = easypost.effects("shp_1")
    assert answer.body["tracking_number"] == bought.tracking_code
    assert types() == ["ShipmentCreated", "DispatchRequested", "ShipmentDispatched"]
    seen = read()
    assert (seen["tracking_number"], "label_url" in seen) == (bought.tracking_code, False)


def test_express_takes_the_fastest(confirm, dispatch):
    confirm(shipping_method="express")
    assert dispatch().body["carrier"] == "DHLExpress"


def test_a_dispatch_sent_twice_is_one(confirm, dispatch, labels, wire):
    confirm()
    first, again, another = dispatch(), dispatch(), dispatch(key="k-2")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.body == again.body == another.body
    assert (labels(), len(wire.calls)) == (["buy"], 3)


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        pytest.param({"key": None}, 400, "idempotency_key_required", id="no key"),
        pytest.param({"body": {"status": "delivered"}}, 422, "invalid_request", id="a field of the client's own"),
        pytest.param({"body": '{"a": NaN}'}, 400, "malformed", id="no JSON"),
        pytest.param({"body": "[" * 100_000}, 400, "malformed", id="brackets without end"),
        pytest.param({"id": "shp_none"}, 404, "not_found", id="no such shipment"),
    ],
)
def test_a_false_dispatch_is_refused(how, status, code, confirm, dispatch, types):
    confirm()
    answer = dispatch(**how)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert types() == ["ShipmentCreated"]


def test_an_empty_body_says_as_much_as_none(confirm, dispatch):
    confirm()
    assert dispatch(body={}).status == 200


def test_dispatching_is_for_staff(confirm, call):
    confirm()
    for roles in ("", "customer"):
        assert call("POST", "/shipments/{id}/dispatch", id="shp_1", key="k", roles=roles).status == 403


@pytest.mark.parametrize("fault", ["refused", "lost_before", "lost_after"])
@pytest.mark.parametrize("operation", ["retrieve", "create_shipment", "buy_shipment"])
def test_while_the_provider_does_not_answer_the_same_request_goes_on_later(
    operation, fault, confirm, dispatch, wire, labels, types
):
    confirm()
    wire.faults[operation] = fault
    answer = dispatch()
    assert (answer.status, int(answer.headers["Retry-After"]) > 0) == (503, True)
    assert dispatch().body["status"] == "dispatched"
    lost = operation == "create_shipment" and fault != "lost_after"
    assert (labels(), wire.calls.count("create_shipment")) == (["buy"], 2 if lost else 1)
    assert types() == ["ShipmentCreated", "DispatchRequested", "ShipmentDispatched"]


@pytest.mark.parametrize("kind", ["error", "rate_limit"])
def test_a_provider_in_trouble_is_a_503(kind, confirm, dispatch, easypost, labels):
    confirm()
    easypost.fail("buy_shipment", kind)
    assert dispatch().status == 503
    assert (dispatch().status, labels()) == (200, ["buy"])


def test_a_provider_that_keeps_failing_is_left_alone(confirm, dispatch, easypost, wire):
    confirm()
    easypost.fail("retrieve", "error", times=99)
    for _ in range(8):
        assert dispatch().status == 503
    assert len(wire.calls) == 5


def test_two_who_dispatch_at_once_buy_one_label(confirm, dispatch, wire, labels, types, monkeypatch):
    confirm()
    request, rivals = wire.request, [lambda: dispatch(key="rival")]

    def outrun(method, url, body, headers):
        answer = request(method, url, body, headers)
        if url.endswith("/v2/shipments") and rivals:
            assert rivals.pop()().status == 200
        return answer

    monkeypatch.setattr(wire, "request", outrun)
    answer = dispatch()
    assert (answer.status, labels()) == (200, ["buy"])
    assert types() == ["ShipmentCreated", "DispatchRequested", "ShipmentDispatched"]


class Crash(BaseException):
    """As the process ends."""


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("when", ["before", "after"])
def test_one_label_wherever_the_function_dies_at_the_provider(
    number, when, confirm, dispatch, wire, labels, read, monkeypatch
):
    confirm()
    request = wire.request

    def dies(*args, **how):
        if len(wire.calls) == number and when == "before":
            raise Crash
        answer = request(*args, **how)
        if len(wire.calls) == number + 1 and when == "after":
            raise Crash
        return answer

    monkeypatch.setattr(wire, "request", dies)
    with pytest.raises(Crash):
        dispatch()
    monkeypatch.setattr(wire, "request", request)
    assert dispatch().body["status"] == read()["status"] == "dispatched"
    assert labels() == ["buy"]


def test_a_parcel_that_no_carrier_takes_stays_here_and_can_be_cancelled(confirm, dispatch, cancel, sell, read):
    sell("mug", attributes={"weight_grams": 500_000})
    confirm()
    answer = dispatch()
    assert (answer.status, answer.body["code"]) == (409, "label_refused")
    cancel()
    assert read()["status"] == "cancelled"


def test_a_purchase_that_is_being_worked_on_is_not_refused_and_is_asked_for_again(
    confirm, dispatch, easypost, labels, types
):
    confirm()
    handle, busy = easypost.handle, [409, 409]

    def conflict(method, path, headers, body):
        if path.endswith("/buy") and busy:
            return busy.pop(), {}, b'{"error": {"code": "CONFLICT", "message": "Another request is in progress."}}'
        return handle(method, path, headers, body)

    easypost.handle = conflict
    assert [dispatch().status for _ in range(2)] == [503, 503]
    assert (dispatch().status, labels()) == (200, ["buy"])
    assert types() == ["ShipmentCreated", "DispatchRequested", "ShipmentDispatched"]


def test_a_refused_purchase_is_taken_back_and_tried_anew(confirm, dispatch, cancel, easypost, labels, types, wire):
    confirm()
    handle, refusals = easypost.handle, ["PAYMENT_REQUIRED"]

    def refuse(method, path, headers, body):
        if path.endswith("/buy") and refusals:
            return 402, {}, json.dumps({"error": {"code": refusals.pop(), "message": "no money"}}).encode()
        return handle(method, path, headers, body)

    easypost.handle = refuse
    assert dispatch().body["code"] == "label_refused"
    assert (dispatch().status, labels()) == (200, ["buy"])
    both = ["DispatchRequested", "DispatchAbandoned", "DispatchRequested", "ShipmentDispatched"]
    assert types() == ["ShipmentCreated", *both]


def test_a_shipment_is_cancelled_while_it_is_here(confirm, cancel, dispatch, read, types, wire):
    confirm()
    assert cancel() == cancel() == {"shipment_id": "shp_1"}
    assert (read()["status"], types()) == ("cancelled", ["ShipmentCreated", "ShipmentCancelled"])
    refused = dispatch()
    assert (refused.status, refused.body["code"], wire.calls) == (409, "shipment_not_dispatchable", [])


def test_cancelled_first_it_is_never_created(confirm, cancel, call, types):
    cancel()
    confirm()
    assert types() == ["ShipmentCancelled"]
    assert call("GET", "/shipments", query={"order_id": "ord_1"}, roles="staff").body["items"] == []
    assert call("GET", "/shipments/{id}", id="shp_1", roles="staff").status == 404


def test_what_has_left_or_is_about_to_is_not_cancelled(confirm, cancel, dispatch, wire, read):
    confirm()
    wire.faults["buy_shipment"] = "lost_after"
    assert dispatch().status == 503
    for _ in range(2):
        with pytest.raises(ShipmentAlreadyDispatched):
            cancel()
        dispatch()
    assert read()["status"] == "dispatched"


@pytest.fixture
def sweep(context):
    return lambda: handlers.sweeper({"id": "sweep-1", "time": "2024-05-01T02:00:00Z"}, context)


@pytest.mark.parametrize("fault", ["refused", "lost_before", "lost_after"])
def test_nobody_needs_to_ask_again_for_a_label_that_may_be_bought(
    fault, confirm, dispatch, sweep, wire, labels, read, events
):
    confirm()
    wire.faults["buy_shipment"] = fault
    assert dispatch().status == 503
    sweep()
    assert (read()["status"], labels()) == ("dispatched", ["buy"])
    assert events()[-1].actor == "shipping.sweeper"
    calls = len(wire.calls)
    sweep()
    again = dispatch()
    assert (again.status, again.body["status"], len(wire.calls)) == (200, "dispatched", calls)


def test_while_the_carrier_is_away_a_doubt_stays(confirm, dispatch, sweep, easypost, labels, read):
    confirm()
    easypost.fail("buy_shipment", "error", times=3)
    assert dispatch().status == 503
    sweep()
    sweep()
    assert (read()["status"], labels()) == ("created", [])
    sweep()
    assert (read()["status"], labels()) == ("dispatched", ["buy"])


def test_a_doubt_that_ends_in_a_refusal_can_be_cancelled(confirm, dispatch, sweep, cancel, easypost, wire, read):
    confirm()
    wire.faults["buy_shipment"] = "lost_before"
    assert dispatch().status == 503
    with pytest.raises(ShipmentAlreadyDispatched):
        cancel()
    handle = easypost.handle

    def refuse(method, path, headers, body):
        if path.endswith("/buy"):
            return 402, {}, json.dumps({"error": {"code": "PAYMENT_REQUIRED", "message": "no money"}}).encode()
        return handle(method, path, headers, body)

    easypost.handle = refuse
    sweep()
    cancel()
    assert read()["status"] == "cancelled"
