"""Refunds, lists, search, faults and keys of the Stripe-shaped sandbox."""

import hashlib
import hmac
import time

import pytest

from sandbox.stripe.form import parse_form

INTENTS = "/v1/payment_intents"


@pytest.fixture
def captured(call, authorize):
    _, intent = authorize()
    return call("POST", f"{INTENTS}/{intent['id']}/capture")[1]


def test_refunds_together_never_exceed_what_was_captured(stripe, call, captured):
    def refund(**params):
        return call("POST", "/v1/refunds", payment_intent=captured["id"], **params)

    status, first = refund(amount=1000, reason="requested_by_customer", **{"metadata[refund_id]": "ref_1"})
    assert (status, first["status"], first["amount"]) == (200, "succeeded", 1000)
    status, answer = refund(amount=1000)
    assert (status, answer["error"]["param"]) == (400, "amount")
    assert refund()[1]["amount"] == 999
    status, answer = refund(amount=1)
    assert (status, answer["error"]["code"]) == (400, "charge_already_refunded")
    assert [(each.amount, each.metadata) for each in stripe.log if each.kind == "refund"] == [
        (1000, {"refund_id": "ref_1"}),
        (999, {}),
    ]
    assert len(call("GET", "/v1/refunds", payment_intent=captured["id"])[1]["data"]) == 2


def test_a_hold_is_not_refunded(call, authorize):
    _, held = authorize()
    status, answer = call("POST", "/v1/refunds", payment_intent=held["id"])
    assert (status, "successful charge" in answer["error"]["message"]) == (400, True)


def test_balance_transactions_tell_what_moved(call, captured):
    call("POST", "/v1/refunds", payment_intent=captured["id"], amount=500)
    _, page = call("GET", "/v1/balance_transactions")
    assert [(each["type"], each["amount"], each["fee"], each["net"]) for each in page["data"]] == [
        ("refund", -500, 0, -500),
        ("charge", 1999, 55, 1944),
    ]
    _, charge = call("GET", f"/v1/charges/{captured['latest_charge']}", **{"expand[]": "balance_transaction"})
    assert charge["balance_transaction"]["net"] == 1944


def test_the_same_key_gives_the_same_answer_and_one_effect(stripe, call, authorize):
    first = authorize(key="k1")
    assert "Idempotent-Replayed" not in call.headers
    request_id = call.headers["Request-Id"]
    assert authorize(key="k1") == first
    assert (call.headers["Idempotent-Replayed"], call.headers["Original-Request"]) == ("true", request_id)
    assert len(stripe.log) == 1


def test_a_replay_shows_the_answer_of_then_not_the_state_of_now(call, authorize):
    _, held = authorize(key="k1")
    call("POST", f"{INTENTS}/{held['id']}/capture")
    assert authorize(key="k1")[1]["status"] == "requires_capture"


def test_a_refusal_is_kept_too(call, authorize):
    first = authorize("pm_card_chargeDeclined", key="k1")
    assert first[0] == 402
    assert authorize("pm_card_chargeDeclined", key="k1") == first
    assert call.headers["Idempotent-Replayed"] == "true"


def test_a_key_with_other_parameters_or_another_path_is_refused(call, authorize):
    _, held = authorize(key="k1")
    status, answer = authorize(amount=2000, key="k1")
    assert (status, answer["error"]["type"]) == (400, "idempotency_error")
    assert call("POST", f"{INTENTS}/{held['id']}/capture", "k1")[1]["error"]["type"] == "idempotency_error"


def test_wrong_parameters_do_not_burn_a_key(call, authorize):
    assert authorize(amount="much", key="k1")[0] == 400
    assert authorize(key="k1")[0] == 200


def test_a_key_is_forgotten_after_a_day(stripe, clock, authorize):
    authorize(key="k1")
    clock.shift(24 * 3600 - 1)
    authorize(key="k1")
    assert len(stripe.log) == 1
    clock.shift(1)
    authorize(key="k1")
    assert len(stripe.log) == 2


def test_lists_page_from_the_newest(call, authorize, clock):
    ids = []
    for _ in range(5):
        ids.append(authorize()[1]["id"])
        clock.shift(10)
    newest = ids[::-1]

    def listed(**params):
        _, page = call("GET", INTENTS, **params)
        return [each["id"] for each in page["data"]], page["has_more"]

    assert listed() == (newest, False)
    assert listed(limit=2) == (newest[:2], True)
    assert listed(limit=2, starting_after=newest[1]) == (newest[2:4], True)
    assert listed(limit=2, ending_before=newest[3]) == (newest[1:3], True)
    third = call("GET", f"{INTENTS}/{ids[2]}")[1]["created"]
    assert listed(**{"created[gte]": third, "created[lt]": third + 20}) == ([ids[3], ids[2]], False)
    assert call("GET", INTENTS, limit=101)[0] == 400


def test_search_finds_an_order_a_minute_later(call, authorize, clock):
    _, held = authorize()
    asked = {"query": "metadata['order_id']:'ord_1' AND status:'requires_capture'"}
    assert call("GET", f"{INTENTS}/search", **asked)[1]["data"] == []
    clock.shift(60)
    assert [each["id"] for each in call("GET", f"{INTENTS}/search", **asked)[1]["data"]] == [held["id"]]
    assert call("GET", f"{INTENTS}/search", query="metadata['order_id']:'ord_2'")[1]["data"] == []
    assert call("GET", f"{INTENTS}/search", query="all of them")[0] == 400


def test_an_object_can_be_expanded(call, authorize):
    _, held = authorize(**{"expand[]": "latest_charge"})
    assert held["latest_charge"]["payment_intent"] == held["id"]
    _, page = call("GET", INTENTS, **{"expand[]": "data.latest_charge"})
    assert page["data"][0]["latest_charge"]["status"] == "succeeded"
    assert call("GET", f"{INTENTS}/{held['id']}")[1]["latest_charge"] == held["latest_charge"]["id"]


def test_errors_at_the_door(stripe, call):
    assert stripe.handle("GET", INTENTS, {}, b"")[0] == 401
    assert stripe.handle("GET", INTENTS, {"Authorization": "Bearer sk_false"}, b"")[0] == 401
    assert stripe.handle("GET", INTENTS, {"authorization": "Basic c2tfdGVzdF8xOg=="}, b"")[0] == 200
    assert call("GET", "/v1/unheard_of")[0] == 404
    status, answer = call("GET", f"{INTENTS}/pi_none")
    assert (status, answer["error"]["code"]) == (404, "resource_missing")


def test_faults_on_demand(stripe, authorize):
    stripe.fail("authorize", "error")
    stripe.fail("authorize", "rate_limit")
    stripe.fail("authorize", "decline")
    assert [authorize(key=key)[0] for key in ("k1", "k1", "k2", "k1")] == [500, 429, 402, 200]
    stripe.fail("capture", "error")
    stripe.clear_faults()
    with pytest.raises(ValueError, match="only an authorization"):
        stripe.fail("capture", "decline")


@pytest.mark.parametrize(
    ("method", "path", "body", "operation"),
    [
        ("POST", INTENTS, b"amount=1", "create"),
        ("POST", INTENTS, b"amount=1&confirm=true", "authorize"),
        ("POST", f"{INTENTS}/pi_1/confirm", b"", "authorize"),
        ("POST", f"{INTENTS}/pi_1/capture", b"", "capture"),
        ("POST", f"{INTENTS}/pi_1/cancel", b"", "void"),
        ("POST", "/v1/refunds", b"", "refund"),
        ("GET", f"{INTENTS}/pi_1?expand[]=x", b"", "retrieve"),
        ("GET", f"{INTENTS}/search?query=x", b"", "search"),
        ("GET", INTENTS, b"", "list"),
        ("DELETE", INTENTS, b"", "unknown"),
    ],
)
def test_calls_have_names(stripe, method, path, body, operation):
    assert stripe.operation(method, path, body) == operation


def test_forms_nest():
    encoded = "a=1&metadata[order_id]=ord_1&expand[]=x&expand[1]=y&o[card][request]=z&empty="
    assert parse_form(encoded) == {
        "a": "1",
        "metadata": {"order_id": "ord_1"},
        "expand": ["x", "y"],
        "o": {"card": {"request": "z"}},
        "empty": "",
    }


def test_webhooks_are_signed_when_they_are_sent(stripe, authorize, clock):
    authorize()
    [webhook] = stripe.due_webhooks()
    assert (webhook.path, webhook.event_type) == (
        "/payments/webhooks/stripe",
        "payment_intent.amount_capturable_updated",
    )
    clock.shift(5)
    timestamp, digest = (part.partition("=")[2] for part in webhook.headers["Stripe-Signature"].split(","))
    expected = hmac.new(b"whsec_1", f"{timestamp}.".encode() + webhook.body, hashlib.sha256).hexdigest()
    assert (int(timestamp), digest) == (int(time.time()), expected)


def test_events_tell_every_step_and_the_endpoint_gets_what_it_asked_for(stripe, call, captured):
    call("POST", "/v1/refunds", payment_intent=captured["id"])
    told = [event["type"] for event in reversed(call("GET", "/v1/events")[1]["data"])]
    assert told == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
        "refund.created",
        "charge.refunded",
    ]
    held = next(event for event in stripe.events if event["type"] == "payment_intent.amount_capturable_updated")
    assert held["data"]["object"]["status"] == "requires_capture", "an event shows its object as it was"
    sent = [webhook.event_type for webhook in stripe.due_webhooks()]
    assert sent == ["payment_intent.amount_capturable_updated", "payment_intent.succeeded", "charge.refunded"]
