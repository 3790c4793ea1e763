"""EasyPost's word of a parcel: signed, repeated, late, and in any order."""

import hashlib
import hmac
import json
import unicodedata

import pytest

SECRET = "sécret"


@pytest.fixture
def say(http, call):
    """Bytes of anyone's, signed as EasyPost signs."""

    def say(body, **headers):
        raw = body if isinstance(body, str) else json.dumps(body)
        key = unicodedata.normalize("NFKD", SECRET).encode()
        signature = "hmac-sha256-hex=" + hmac.new(key, raw.encode(), hashlib.sha256).hexdigest()
        known = {"x-hmac-signature": signature} | headers
        return call("POST", "/shipping/webhooks/easypost", caller=None, body=raw, headers=known)

    return say


@pytest.fixture
def news(say):
    def news(code, status, *details, **more):
        result = {"tracking_code": code, "status": status, "tracking_details": list(details)} | more
        return say({"id": "evt_1", "description": "tracker.updated", "result": result})

    return news


def scan(status, hour):
    return {"status": status, "datetime": f"2024-05-02T{hour:02}:00:00Z", "tracking_location": {"city": "Berlin"}}


@pytest.fixture
def code(confirm, dispatch):
    """The tracking number of a shipment that has left."""
    confirm()
    return dispatch().body["tracking_number"]


@pytest.fixture
def seen(read):
    """What the shipment has been since it left."""
    return lambda: [scan["status"] for scan in read()["events"]][2:]


def test_it_is_tracked_to_its_door(confirm, dispatch, easypost, send, read, events):
    confirm()
    code = dispatch().body["tracking_number"]
    for status, place in (("in_transit", "Leipzig, DE"), ("out_for_delivery", None), ("delivered", "Berlin")):
        easypost.advance(code, status, place)
        for webhook in easypost.due_webhooks():
            assert (send(webhook).status, send(webhook).status) == (200, 200)
    seen = read()
    assert seen["status"] == "delivered"
    assert [(each["status"], each["location"]) for each in seen["events"]] == [
        ("created", None),
        ("dispatched", None),
        ("in_transit", "Leipzig, DE"),
        ("out_for_delivery", None),
        ("delivered", "Berlin"),
    ]
    told = events()[-1]
    assert (told.type, told.data["order_id"], told.data["customer_id"]) == ("ShipmentDelivered", "ord_1", "cus_ada")
    assert (told.actor, told.causation_id) == ("easypost", "evt_00000003")


def test_old_news_does_not_move_it_back(confirm, dispatch, easypost, send, read):
    confirm()
    code = dispatch().body["tracking_number"]
    for status in ("in_transit", "delivered", "out_for_delivery", "failure"):
        easypost.advance(code, status)
    in_transit, delivered, out_for_delivery, failed = easypost.due_webhooks()
    for webhook in (out_for_delivery, delivered, in_transit, failed, out_for_delivery):
        assert send(webhook).status == 200
    seen = read()
    assert seen["status"] == "delivered"
    assert [each["status"] for each in seen["events"]][2:] == ["in_transit", "delivered"]


def test_a_label_that_was_found_late_brings_the_news_that_was_missed(confirm, dispatch, easypost, wire, send, read):
    confirm()
    wire.faults["buy_shipment"] = "lost_after"
    assert dispatch().status == 503
    easypost.advance(easypost.log[0].tracking_code, "in_transit", "Leipzig")
    (early,) = easypost.due_webhooks()
    assert send(early).status == 200
    assert read()["status"] == "created"
    assert dispatch().status == 200
    assert read()["status"] == "in_transit"
    send(early)
    assert [each["status"] for each in read()["events"]] == ["created", "dispatched", "in_transit"]


def test_a_webhook_that_easypost_did_not_sign_changes_nothing(confirm, dispatch, easypost, send, types):
    confirm()
    easypost.advance(dispatch().body["tracking_number"], "delivered")
    (webhook,) = easypost.due_webhooks()
    for false in ("", "hmac-sha256-hex=" + "0" * 64):
        answer = send(webhook, **{"x-hmac-signature": false})
        assert (answer.status, answer.body["code"]) == (400, "invalid_signature")
    assert types()[-1] == "ShipmentDispatched"


def test_one_event_may_tell_of_several_scans(code, news, seen, read):
    details = scan("pre_transit", 6), scan("out_for_delivery", 12), scan("in_transit", 8), scan("delivered", 15)
    for _ in range(3):
        assert news(code, "delivered", *details).status == 200
    assert seen() == ["in_transit", "out_for_delivery", "delivered"]
    assert [each["at"] for each in read()["events"]][2:] == [f"2024-05-02T{hour}:00:00Z" for hour in ("08", "12", "15")]


def test_an_attempt_that_failed_may_be_followed_by_one_that_succeeds(code, news, seen, types):
    news(code, "failure", scan("out_for_delivery", 8), scan("failure", 12))
    news(code, "out_for_delivery", scan("out_for_delivery", 8))
    assert seen() == ["out_for_delivery", "failed"]
    news(code, "delivered", scan("out_for_delivery", 16), scan("delivered", 17))
    news(code, "failure", scan("failure", 12))
    assert seen() == ["out_for_delivery", "failed", "out_for_delivery", "delivered"]
    assert types()[-4:] == ["ShipmentTracked", "ShipmentFailed", "ShipmentTracked", "ShipmentDelivered"]


def test_what_comes_back_to_us_is_not_delivered(code, news, seen, events):
    news(code, "return_to_sender", scan("failure", 8), scan("return_to_sender", 12))
    news(code, "delivered", scan("delivered", 16))
    assert seen() == ["failed", "failed"]
    told = events()[-1]
    assert (told.type, told.data["cause"], told.data["order_id"]) == ("ShipmentReturned", "return_to_sender", "ord_1")


@pytest.mark.parametrize("status", ["pre_transit", "unknown", "error", "lost_in_space", ""])
def test_what_says_nothing_changes_nothing(status, code, news, seen, types):
    before = types()
    assert news(code, status, scan(status, 8)).status == 200
    assert (seen(), types()) == ([], before)


def test_a_parcel_that_is_not_ours_is_left_alone(code, news, types):
    before = types()
    assert news("EZ_OF_ANOTHER_SHOP", "delivered").body == {"received": True}
    assert types() == before


@pytest.mark.parametrize("description", ["batch.updated", "refund.successful", "tracker.deleted"])
def test_other_events_are_received_and_change_nothing(description, code, say, types):
    before = types()
    result = {"tracking_code": code, "status": "delivered"}
    assert say({"id": "evt_1", "description": description, "result": result}).status == 200
    assert types() == before


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"id": NaN}',
        "[" * 100_000,
        '{"id": "evt_1", "description": "tracker.updated"}',
        '{"id": "evt_1", "description": "tracker.updated", "result": []}',
        '{"id": "evt_1", "description": "tracker.updated", "result": {"tracking_code": 5, "status": "delivered"}}',
        '{"id": "evt_1", "description": "tracker.updated", "result": {"tracking_code": "EZ00000001"}}',
        '{"id": "evt_1", "description": "tracker.updated", "result": {"tracking_code": "EZ00000001",'
        ' "status": "delivered", "tracking_details": [{"status": "delivered", "datetime": "yesterday"}]}}',
    ],
)
def test_what_is_no_event_is_refused_though_it_is_signed(body, code, say, types):
    before = types()
    answer = say(body)
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert types() == before


def test_a_body_without_end_is_refused(code, say, types):
    before = types()
    answer = say({"id": "evt_1", "description": "tracker.updated", "result": {"more": "x" * 300_000}})
    assert (answer.status, types()) == (413, before)


@pytest.mark.parametrize(
    "signature",
    ["", "hmac-sha256-hex=", "hmac-sha256-hex=" + "0" * 64, "sha256=" + "0" * 64, "ü", "x" * 5000],
)
def test_whoever_does_not_know_the_secret_changes_nothing(signature, code, say, types):
    before = types()
    body = {"id": "evt_1", "description": "tracker.updated", "result": {"tracking_code": code, "status": "delivered"}}
    answer = say(body, **{"x-hmac-signature": signature})
    assert (answer.status, answer.body["code"], types()) == (400, "invalid_signature", before)


def test_a_signature_is_of_one_body(code, easypost, send, types):
    easypost.advance(code, "in_transit")
    [webhook] = easypost.due_webhooks()
    before, webhook.body = types(), webhook.body.replace(b"in_transit", b"delivered")
    stolen = webhook.sign(webhook.body.replace(b"delivered", b"in_transit"), 0)["X-Hmac-Signature"]
    assert send(webhook, **{"x-hmac-signature": stolen}).status == 400
    assert types() == before
