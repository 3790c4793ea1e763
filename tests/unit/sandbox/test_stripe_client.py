"""Stripe's own client library, pointed at the sandbox over HTTP."""

import pytest
import stripe as stripe_client

STRIPE_KEY, STRIPE_SECRET = "sk_test_1", "whsec_1"
HOLD = {"amount": 1999, "currency": "eur", "capture_method": "manual", "metadata": {"order_id": "ord_1"}}


@pytest.fixture(scope="module")
def sandbox(served):
    return served.stripe


@pytest.fixture(scope="module")
def client(served):
    return stripe_client.StripeClient(STRIPE_KEY, base_addresses={"api": served.url}, max_network_retries=0).v1


def test_create_confirm_capture_refund(client, sandbox):
    intent = client.payment_intents.create(HOLD)
    assert intent.status == "requires_payment_method"
    intent = client.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 1999)
    intent = client.payment_intents.capture(intent.id, {"amount_to_capture": 1500, "expand": ["latest_charge"]})
    assert (intent.status, intent.latest_charge.amount_captured) == ("succeeded", 1500)
    refund = client.refunds.create({"payment_intent": intent.id, "amount": 500})
    assert (refund.status, client.refunds.retrieve(refund.id).amount) == ("succeeded", 500)
    assert [operation.kind for operation in sandbox.effects("ord_1")][-4:] == ["authorize", "capture", "void", "refund"]


def test_captures_in_parts(client, sandbox):
    many = {"payment_method_options": {"card": {"request_multicapture": "if_available"}}}
    asked = {**HOLD, **many, "metadata": {"order_id": "ord_parts"}, "payment_method": "pm_card_visa", "confirm": True}
    intent = client.payment_intents.create({**asked, "expand": ["latest_charge"]})
    assert intent.latest_charge.payment_method_details.card.multicapture.status == "available"
    part = {"amount_to_capture": 1500, "final_capture": False, "metadata": {"shp_a": "1500"}}
    intent = client.payment_intents.capture(intent.id, part)
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 499, 1500)
    assert intent.metadata.to_dict() == {"order_id": "ord_parts", "shp_a": "1500"}
    with pytest.raises(stripe_client.InvalidRequestError) as refused:
        client.payment_intents.capture(intent.id, {"amount_to_capture": 500})
    assert refused.value.code == "amount_too_large"
    refund = client.refunds.create({"payment_intent": intent.id, "amount": 1500})
    assert (refund.status, client.charges.retrieve(refund.charge).refunded) == ("succeeded", False)
    last = {"amount_to_capture": 0, "final_capture": True, "expand": ["latest_charge"]}
    intent = client.payment_intents.capture(intent.id, last)
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("succeeded", 0, 1500)
    assert (intent.latest_charge.captured, intent.latest_charge.amount_captured) == (True, 1500)
    kinds = [operation.kind for operation in sandbox.effects("ord_parts")]
    assert kinds == ["authorize", "capture", "refund", "void"]
    told = [
        event.type
        for event in client.events.list({"limit": 20}).data
        if event.data.object.id in (intent.id, refund.charge)
    ]
    assert told[::-1] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        *("charge.updated", "payment_intent.amount_capturable_updated"),
        "charge.refunded",
        *("charge.updated", "payment_intent.amount_capturable_updated"),
        *("charge.captured", "payment_intent.succeeded"),
    ]


@pytest.mark.parametrize("given", [{}, {"payment_method": "pm_card_jcb"}])
def test_captures_in_parts_must_be_asked_for_and_allowed_by_the_network(given, client):
    many = {"payment_method_options": {"card": {"request_multicapture": "if_available"}}} if given else {}
    intent = client.payment_intents.create({**HOLD, "payment_method": "pm_card_visa", "confirm": True, **many, **given})
    with pytest.raises(stripe_client.InvalidRequestError) as refused:
        client.payment_intents.capture(intent.id, {"amount_to_capture": 1500, "final_capture": False})
    assert refused.value.param == "final_capture"


def test_a_refund_that_the_bank_declines_has_failed(client, sandbox):
    intent = client.payment_intents.create({**HOLD, "payment_method": "pm_card_visa", "confirm": True})
    client.payment_intents.capture(intent.id)
    sandbox.fail("refund", "decline")
    refund = client.refunds.create({"payment_intent": intent.id})
    assert (refund.status, refund.failure_reason) == ("failed", "declined")
    assert client.refunds.create({"payment_intent": intent.id}).amount == 1999


def test_disputes_take_the_money_until_they_are_decided(client, sandbox):
    intent = client.payment_intents.create({**HOLD, "payment_method": "pm_card_visa", "confirm": True})
    client.payment_intents.capture(intent.id)
    dispute_id = sandbox.open_dispute(intent.id)
    dispute = client.disputes.retrieve(dispute_id)
    assert (dispute.status, dispute.amount, dispute.payment_intent) == ("needs_response", 1999, intent.id)
    assert [moved.amount for moved in dispute.balance_transactions] == [-1999]
    with pytest.raises(stripe_client.InvalidRequestError) as refused:
        client.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"
    sandbox.close_dispute(dispute_id, won=True)
    assert client.disputes.retrieve(dispute_id).status == "won"


def test_a_refund_may_come_back(client, sandbox):
    intent = client.payment_intents.create({**HOLD, "payment_method": "pm_card_visa", "confirm": True})
    client.payment_intents.capture(intent.id)
    refund = client.refunds.create({"payment_intent": intent.id, "amount": 500})
    sandbox.bounce_refund(refund.id)
    assert client.refunds.retrieve(refund.id).status == "failed"
    assert client.charges.retrieve(refund.charge).amount_refunded == 0
    assert [each.id for each in client.refunds.list({"payment_intent": intent.id}).data] == [refund.id]


def test_a_days_log_is_read_by_time(client):
    intent = client.payment_intents.create({**HOLD, "payment_method": "pm_card_visa", "confirm": True})
    client.payment_intents.capture(intent.id)
    window = {"gte": intent.created, "lt": intent.created + 86_400}
    listed = client.payment_intents.list({"created": window, "expand": ["data.latest_charge"], "limit": 100})
    assert {each.id: each for each in listed.auto_paging_iter()}[intent.id].latest_charge.captured
    taken = {"created": window, "type": "charge", "expand": ["data.source"]}
    assert intent.id in {each.source.payment_intent for each in client.balance_transactions.list(taken).data}
    assert client.payment_intents.list({"created": {"lt": intent.created - 86_400}}).data == []


def test_what_it_does_not_know_and_does_not_take(client):
    with pytest.raises(stripe_client.InvalidRequestError) as refused:
        client.payment_intents.retrieve("pi_none")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    with pytest.raises(stripe_client.InvalidRequestError) as refused:
        client.payment_intents.create({**HOLD, "amount": 0})
    assert (refused.value.http_status, refused.value.param) == (400, "amount")
    with pytest.raises(stripe_client.InvalidRequestError) as refused:
        client.payment_intents.create({**HOLD, "favourite_colour": "red"})
    assert refused.value.code == "parameter_unknown"


def test_when_it_is_busy_or_broken(client, sandbox):
    sandbox.fail("create", "rate_limit")
    with pytest.raises(stripe_client.RateLimitError):
        client.payment_intents.create(HOLD)
    sandbox.fail("create", "error")
    with pytest.raises(stripe_client.APIError):
        client.payment_intents.create(HOLD)


def test_a_capture_and_a_refund_are_replayed_by_their_key(client, sandbox):
    labelled = {**HOLD, "metadata": {"order_id": "ord_keys"}, "payment_method": "pm_card_visa", "confirm": True}
    intent = client.payment_intents.create(labelled)
    for _ in range(2):
        client.payment_intents.capture(intent.id, {}, {"idempotency_key": "pay_keys:capture"})
    given = [client.refunds.create({"payment_intent": intent.id}, {"idempotency_key": "pay_keys:r"}) for _ in range(2)]
    assert given[0].id == given[1].id
    assert [operation.kind for operation in sandbox.effects("ord_keys")] == ["authorize", "capture", "refund"]


def test_cancel(client):
    intent = client.payment_intents.create({**HOLD, "payment_method": "pm_card_visa", "confirm": True})
    assert client.payment_intents.cancel(intent.id).status == "canceled"
    with pytest.raises(stripe_client.InvalidRequestError) as refused:
        client.payment_intents.capture(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"


def test_a_declined_card_is_a_card_error(client):
    with pytest.raises(stripe_client.CardError) as declined:
        client.payment_intents.create({**HOLD, "payment_method": "pm_card_chargeDeclined", "confirm": True})
    error = declined.value.error
    assert (declined.value.http_status, error.code, error.decline_code) == (402, "card_declined", "generic_decline")
    assert error.payment_intent.status == "requires_payment_method"


def test_idempotency(client):
    asked = {**HOLD, "payment_method": "pm_card_visa", "confirm": True}
    first = client.payment_intents.create(asked, {"idempotency_key": "ord_9:authorize"})
    again = client.payment_intents.create(asked, {"idempotency_key": "ord_9:authorize"})
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe_client.IdempotencyError):
        client.payment_intents.create({**asked, "amount": 5}, {"idempotency_key": "ord_9:authorize"})


def test_lists_page_by_themselves(client):
    for _ in range(3):
        client.payment_intents.create(HOLD)
    listed = [intent.id for intent in client.payment_intents.list({"limit": 2}).auto_paging_iter()]
    assert len(listed) == len(set(listed)) >= 3
    assert client.balance_transactions.list().data
    assert client.events.list({"type": "payment_intent.created"}).data[0].type == "payment_intent.created"


def test_a_false_key_is_an_authentication_error(served):
    stranger = stripe_client.StripeClient("sk_false", base_addresses={"api": served.url}, max_network_retries=0).v1
    with pytest.raises(stripe_client.AuthenticationError):
        stranger.payment_intents.list()


def test_a_delivery_passes_stripes_own_check(client, sandbox):
    client.payment_intents.create({**HOLD, "payment_method": "pm_card_visa", "confirm": True})
    webhook = sandbox.due_webhooks()[-1]
    event = stripe_client.Webhook.construct_event(webhook.body, webhook.headers["Stripe-Signature"], STRIPE_SECRET)
    assert event.type == "payment_intent.amount_capturable_updated"
    assert event.data.object.metadata["order_id"] == "ord_1"
    with pytest.raises(stripe_client.SignatureVerificationError):
        stripe_client.Webhook.construct_event(webhook.body + b" ", webhook.headers["Stripe-Signature"], STRIPE_SECRET)
