"""The EasyPost-shaped sandbox: rates, labels, trackers."""

import base64
import hashlib
import hmac
import json

import pytest

FROM = {"name": "Shop", "street1": "Torstraße 1", "city": "Berlin", "zip": "10119", "country": "DE"}
TO = {"name": "Ada", "street1": "Unter den Linden 1", "city": "Berlin", "zip": "10117", "country": "de"}


@pytest.fixture
def call(easypost):
    def call(method, path, body=None, key="EZTK1"):
        headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
        sent = b"" if body is None else json.dumps(body).encode()
        status, _, answer = easypost.handle(method, path, headers, sent)
        return status, json.loads(answer)

    return call


@pytest.fixture
def create(call):
    def create(weight=20.0, **shipment):
        asked = {"to_address": TO, "from_address": FROM, "parcel": {"weight": weight}, "reference": "shp/1"}
        return call("POST", "/v2/shipments", {"shipment": asked | shipment})

    return create


@pytest.fixture
def bought(call, create):
    _, shipment = create()
    return call("POST", f"/v2/shipments/{shipment['id']}/buy", {"rate": {"id": shipment["rates"][0]["id"]}})[1]


def test_a_shipment_comes_with_rates(create, call):
    status, shipment = create()
    assert (status, shipment["status"], shipment["tracking_code"]) == (201, "unknown", None)
    assert [(rate["carrier"], rate["rate"], rate["delivery_days"]) for rate in shipment["rates"]] == [
        ("DPD", "5.05", 3),
        ("UPS", "6.10", 2),
        ("DHLExpress", "13.30", 1),
    ]
    assert call("GET", "/v2/shipments/shp%2F1")[1] == shipment
    assert call("GET", f"/v2/shipments/{shipment['id']}")[1] == shipment
    _, newer = create()
    assert call("GET", "/v2/shipments/shp%2F1")[1] == newer


def test_rates_depend_on_where_it_goes(create):
    _, abroad = create(to_address=TO | {"country": "FR"})
    _, overseas = create(to_address=TO | {"country": "US"})
    assert [rate["rate"] for rate in abroad["rates"]] == ["12.20", "14.30", "25.50"]
    assert [rate["service"] for rate in overseas["rates"]] == ["WorldwideSaver", "ExpressWorldwide"]


def test_too_heavy_a_parcel_has_no_rates(create):
    _, shipment = create(weight=2000)
    assert (shipment["rates"], shipment["messages"][0]["type"]) == ([], "rate_error")


@pytest.mark.parametrize("missing", [{"to_address": None}, {"parcel": {"weight": 0}}, {"from_address": {"city": "X"}}])
def test_a_shipment_that_lacks_something(create, missing):
    status, answer = create(**missing)
    assert (status, answer["error"]["code"]) == (422, "SHIPMENT.INVALID_PARAMS")
    assert answer["error"]["errors"][0]["field"] == next(iter(missing))


def test_postage_is_bought_once(easypost, call, bought):
    assert (bought["tracking_code"], bought["status"]) == ("EZ00000001", "pre_transit")
    assert bought["tracker"]["tracking_code"] == bought["tracking_code"]
    status, answer = call("POST", f"/v2/shipments/{bought['id']}/buy", {"rate": {"id": bought["rates"][0]["id"]}})
    assert (status, answer["error"]["code"]) == (422, "SHIPMENT.POSTAGE.EXISTS")
    [operation] = easypost.effects("shp/1")
    assert (operation.kind, operation.amount, operation.currency) == ("buy", 505, "EUR")


def test_a_rate_must_be_one_of_the_shipments_own(call, create):
    _, shipment = create()
    for body in ({}, {"rate": {"id": "rate_none"}}, {"rate": "x"}):
        status, answer = call("POST", f"/v2/shipments/{shipment['id']}/buy", body)
        assert (status, answer["error"]["code"]) == (422, "SHIPMENT.MISSING_RATE")


def test_the_label_is_a_pdf(easypost, bought):
    url = bought["postage_label"]["label_url"]
    path = url.removeprefix("http://127.0.0.1:8080")
    status, headers, body = easypost.page("GET", path, "")
    assert (status, headers["Content-Type"], body[:5], body[-6:]) == (200, "application/pdf", b"%PDF-", b"%%EOF\n")
    start = int(body.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert body[start : start + 4] == b"xref"
    assert easypost.page("GET", path.replace("pl_", "pl_9"), "")[0] == 404


def test_a_label_goes_back_while_the_parcel_has_not_moved(easypost, call, bought):
    refund = f"/v2/shipments/{bought['id']}/refund"
    assert call("POST", refund)[1]["refund_status"] == "submitted"
    assert call("POST", refund)[1]["error"]["code"] == "SHIPMENT.REFUND.UNAVAILABLE"
    assert [operation.kind for operation in easypost.log] == ["buy", "refund"]


def test_no_refund_without_postage_or_after_the_first_scan(easypost, call, create, bought):
    _, other = create()
    assert call("POST", f"/v2/shipments/{other['id']}/refund")[1]["error"]["code"] == "SHIPMENT.POSTAGE.REQUIRED"
    easypost.advance(bought["tracking_code"], "in_transit")
    status, answer = call("POST", f"/v2/shipments/{bought['id']}/refund")
    assert (status, answer["error"]["code"]) == (422, "SHIPMENT.REFUND.UNAVAILABLE")


def test_a_scan_is_told_by_a_signed_webhook(easypost, call, bought):
    easypost.advance(bought["tracking_code"], "in_transit", "Leipzig, DE")
    [webhook] = easypost.due_webhooks()
    event = json.loads(webhook.body)
    assert (webhook.path, event["description"]) == ("/shipping/webhooks/easypost", "tracker.updated")
    assert event["previous_attributes"] == {"status": "pre_transit"}
    result = event["result"]
    assert (result["tracking_code"], result["status"]) == (bought["tracking_code"], "in_transit")
    assert result["tracking_details"][-1]["tracking_location"]["city"] == "Leipzig"
    expected = hmac.new(b"geheim", webhook.body, hashlib.sha256).hexdigest()
    assert webhook.headers["X-Hmac-Signature"] == f"hmac-sha256-hex={expected}"
    assert call("GET", f"/v2/trackers/{result['id']}")[1] == result
    assert call("GET", f"/v2/shipments/{bought['id']}")[1]["status"] == "in_transit"


def test_a_person_may_move_a_parcel_by_http(easypost, bought):
    path = f"/_local/sandbox/easypost/trackers/{bought['tracking_code']}"
    assert easypost.page("POST", path, "status=delivered&location=Berlin")[0] == 200
    assert easypost.page("POST", path, "status=lost")[0] == 422
    assert easypost.page("POST", path + "9", "status=delivered")[0] == 404
    assert len(easypost.owed_webhooks()) == 1


def test_errors_at_the_door(easypost, call):
    assert call("GET", "/v2/shipments/x", key="false")[0] == 401
    assert call("GET", "/v2/shipments/x")[1]["error"]["code"] == "NOT_FOUND"
    assert call("GET", "/v2/trackers/x")[1]["error"]["code"] == "TRACKER.NOT_FOUND"
    assert call("POST", "/v2/shipments", [])[0] == 400
    easypost.fail("create_shipment", "error")
    assert [call("POST", "/v2/shipments", {})[0] for _ in range(2)] == [500, 422]


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("POST", "/v2/shipments", "create_shipment"),
        ("POST", "/v2/shipments/shp_1/buy", "buy_shipment"),
        ("POST", "/v2/shipments/shp_1/refund", "refund_shipment"),
        ("GET", "/v2/shipments/shp_1", "retrieve"),
    ],
)
def test_calls_have_names(easypost, method, path, operation):
    assert easypost.operation(method, path) == operation
