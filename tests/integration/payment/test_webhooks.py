"""What Stripe tells us unasked, as it really signs and sends it."""

import json

import pytest

from payment.errors import PaymentDeclined
from sandbox.stripe.account import signature

NOW = 1714521600  # the gateway's clock, in the http fixture
MUST_ACT = "pm_card_threeDSecure2Required"


def named(sandbox, type):
    return next(sent for sent in sandbox.owed_webhooks() if sent.event_type == type)


@pytest.fixture
def acted(authorize, act, sandbox):
    """A payment whose customer has been to the bank, and the webhook that says so."""

    def acted(outcome="complete"):
        authorize(MUST_ACT)
        act(outcome)
        told = "amount_capturable_updated" if outcome == "complete" else "payment_failed"
        return named(sandbox, f"payment_intent.{told}")

    return acted


def test_the_customer_is_sent_to_the_bank(authorize, payment):
    authorize(MUST_ACT)
    assert payment().status == "requires_action"
    assert payment().next_action["redirect_url"].startswith("http://127.0.0.1:8080/_local/sandbox/stripe/authenticate/")


@pytest.mark.parametrize(
    ("outcome", "status", "event"),
    [("complete", "authorized", "PaymentAuthorized"), ("fail", "declined", "PaymentDeclined")],
)
def test_what_the_customer_did_reaches_the_order(outcome, status, event, acted, webhook, payment, told):
    answer = webhook(acted(outcome))
    assert (answer.status, payment().status) == (200, status)
    assert told() == ["PaymentRequested", "PaymentActionRequired", event, "PaymentActionSettled"]
    settled = told.messages()[-1]
    assert settled["data"]["outcome"] == status
    assert settled["actor"] == "stripe"


def test_who_failed_at_the_bank_is_told_why(acted, webhook, authorize):
    webhook(acted("fail"))
    with pytest.raises(PaymentDeclined, match="payment_intent_authentication_failure"):
        authorize(MUST_ACT)


def test_an_event_that_comes_twice_has_one_effect(acted, webhook, told):
    sent = acted()
    assert [webhook(sent).status for _ in range(3)] == [200, 200, 200]
    assert told().count("PaymentAuthorized") == told().count("PaymentActionSettled") == 1


def test_events_that_come_late_and_out_of_order_do_no_harm(acted, webhook, sandbox, step, payment, told):
    acted()
    webhook(named(sandbox, "payment_intent.amount_capturable_updated"))
    step("CapturePayment")
    before = told()
    for sent in reversed(sandbox.owed_webhooks()):
        assert webhook(sent).status == 200
    assert (payment().status, told()) == ("captured", before)


def test_news_that_the_saga_has_already_is_not_asked_about(authorize, sandbox, webhook, wire):
    authorize()
    assert webhook(named(sandbox, "payment_intent.amount_capturable_updated")).status == 200
    assert "retrieve" not in wire.calls


def test_stripe_is_asked_and_not_believed(authorize, act, webhook, payment, sandbox):
    """The event says that it failed; by now the customer has passed."""
    authorize(MUST_ACT)
    stale = json.loads(named(sandbox, "payment_intent.requires_action").body)
    stale["type"], intent = "payment_intent.payment_failed", stale["data"]["object"]
    intent |= {"status": "requires_payment_method", "last_payment_error": {"type": "card_error", "code": "x"}}
    act()
    body = json.dumps(stale)
    assert webhook(body=body, headers=lower(signature("whsec_1", body.encode(), NOW))).status == 200
    assert payment().status == "authorized"


@pytest.mark.parametrize("share", [0, 1500])
def test_a_hold_that_lapses_at_stripe_is_a_void_that_nobody_asked_for(
    share, authorize, step, webhook, sandbox, payment, told, clock, capsys
):
    authorize()
    if share:
        step("CapturePayment", shipment_id="shp_a", amount={"amount": share, "currency": "EUR"}, final=False)
    clock.shift(7 * 24 * 3600)
    capsys.readouterr()
    sandbox.due_webhooks()
    news = named(sandbox, "payment_intent.succeeded" if share else "payment_intent.canceled")
    assert webhook(news, at=(NOW + 7 * 24 * 3600) * 1000).status == 200
    assert payment().money["voided"] == 1999 - share
    assert payment().status == ("captured" if share else "voided")
    assert told.messages()[-1]["data"]["lapsed"] is True
    assert '"HoldsLapsed":[1' in capsys.readouterr().out.replace(" ", "")


def test_a_hold_that_we_let_go_of_has_not_lapsed(authorize, step, told):
    authorize()
    step("VoidPayment")
    assert told.messages()[-1]["data"]["lapsed"] is False


def test_the_webhook_may_be_faster_than_the_step(authorize, webhook, sandbox, wire, told, payment):
    wire.lose("authorize")
    wire.meanwhile("retrieve", lambda: webhook(named(sandbox, "payment_intent.amount_capturable_updated")))
    assert authorize()["status"] == "authorized"
    assert told() == ["PaymentRequested", "PaymentAuthorized"]
    assert payment().money == {"authorized": 1999}


def test_when_stripe_does_not_answer_it_is_asked_to_tell_again(acted, webhook, wire, payment):
    sent = acted()
    wire.lose("retrieve", "before")
    again = webhook(sent)
    assert (again.status, again.body["code"]) == (503, "outcome_unknown")
    assert int(again.headers["Retry-After"]) > 0
    webhook(sent)
    assert payment().status == "authorized"


def lower(headers):
    return {name.lower(): value for name, value in headers.items()}


def event(**changes):
    body = {"id": "evt_1", "type": "payment_intent.canceled", "data": {"object": {"id": "pi_nobodys"}}} | changes
    return json.dumps(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(event(), id="an intent that Stripe does not know"),
        pytest.param(event(data={"object": {"id": "pi_1/../x?y#z"}}), id="an intent that is none"),
        pytest.param(event(data={"object": {}}), id="no intent"),
        pytest.param(event(type="customer.created"), id="something else"),
        pytest.param(
            event(data={"object": {"id": "pi_1", "status": "succeeded", "metadata": {"payment_id": "pay_9"}}}),
            id="a payment that we do not know",
        ),
    ],
)
def test_what_is_none_of_ours_is_ignored(body, webhook, told):
    assert webhook(body=body, headers=lower(signature("whsec_1", body.encode(), NOW))).status == 200
    assert told.messages() == []


def test_an_intent_of_someone_else_on_the_same_account_is_ignored(webhook, sandbox, told):
    sandbox._intents.create({"amount": "500", "currency": "eur", "confirm": "true", "payment_method": "pm_card_visa"})
    assert [webhook(sent).status for sent in sandbox.owed_webhooks()] == [200]
    assert told.messages() == []


V1 = signature("whsec_1", event().encode(), NOW)["Stripe-Signature"].partition(",")[2]


@pytest.mark.parametrize(
    ("headers", "at", "status"),
    [
        pytest.param({}, NOW, 400, id="no signature"),
        pytest.param(lower(signature("whsec_2", event().encode(), NOW)), NOW, 400, id="another secret"),
        pytest.param(lower(signature("whsec_1", b"{}", NOW)), NOW, 400, id="another body"),
        pytest.param({"stripe-signature": f"t={NOW + 1},{V1}"}, NOW, 400, id="another time"),
        pytest.param({"stripe-signature": V1}, NOW, 400, id="no time"),
        pytest.param({"stripe-signature": f"t=now,{V1}"}, NOW, 400, id="a time that is none"),
        pytest.param({"stripe-signature": f"t={NOW},v1=é"}, NOW, 400, id="a signature that is none"),
        pytest.param({"stripe-signature": f"t={NOW},{V1.replace('v1', 'v0')}"}, NOW, 400, id="another scheme"),
        pytest.param(lower(signature("whsec_1", event().encode(), NOW)), NOW + 301, 400, id="too old"),
        pytest.param(lower(signature("whsec_1", event().encode(), NOW)), NOW + 300, 200, id="just in time"),
        pytest.param({"stripe-signature": f"t={NOW},v1=00,{V1}"}, NOW, 200, id="one of several, as when secrets roll"),
    ],
)
def test_only_stripe_is_heard(headers, at, status, webhook):
    answer = webhook(body=event(), headers=headers, at=at * 1000)
    assert answer.status == status
    assert status == 200 or answer.body["code"] == "invalid_signature"


@pytest.mark.parametrize("body", ["nonsense", "[]", '{"id": 1}', "\ud800".encode("utf-8", "replace").decode()])
def test_what_is_signed_and_no_event_is_malformed(body, webhook):
    answer = webhook(body=body, headers=lower(signature("whsec_1", body.encode(), NOW)))
    assert (answer.status, answer.body["code"]) == (400, "malformed")
