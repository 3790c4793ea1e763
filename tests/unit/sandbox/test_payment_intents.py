"""The life of a payment intent, and what the sandbox remembers of it."""

import pytest

INTENTS = "/v1/payment_intents"


def kinds(stripe):
    return [(operation.kind, operation.amount) for operation in stripe.log]


def test_a_hold_is_captured(stripe, call, authorize):
    status, held = authorize(key="k1")
    assert (status, held["status"], held["amount_capturable"]) == (200, "requires_capture", 1999)
    _, taken = call("POST", f"{INTENTS}/{held['id']}/capture")
    assert (taken["status"], taken["amount_received"], taken["amount_capturable"]) == ("succeeded", 1999, 0)
    assert kinds(stripe) == [("authorize", 1999), ("capture", 1999)]
    first = stripe.effects("ord_1")[0]
    assert (first.intent_id, first.currency, first.idempotency_key) == (held["id"], "EUR", "k1")


def test_a_partial_capture_releases_the_rest(stripe, call, authorize):
    _, held = authorize()
    _, taken = call("POST", f"{INTENTS}/{held['id']}/capture", amount_to_capture=1500)
    assert (taken["status"], taken["amount_received"], taken["amount_capturable"]) == ("succeeded", 1500, 0)
    assert stripe.totals("ord_1") == {"EUR": {"authorize": 1999, "capture": 1500, "void": 499, "refund": 0}}


def test_more_than_is_held_is_not_captured(stripe, call, authorize):
    _, held = authorize()
    status, answer = call("POST", f"{INTENTS}/{held['id']}/capture", amount_to_capture=2000)
    assert (status, answer["error"]["code"]) == (400, "amount_too_large")
    assert kinds(stripe) == [("authorize", 1999)]


def test_several_captures_must_be_asked_for_beforehand(stripe, call, authorize):
    _, plain = authorize()
    assert call("POST", f"{INTENTS}/{plain['id']}/capture", amount_to_capture=5, final_capture="false")[0] == 400
    _, held = authorize(**{"payment_method_options[card][request_multicapture]": "if_available"})
    capture = f"{INTENTS}/{held['id']}/capture"
    _, once = call("POST", capture, amount_to_capture=1000, final_capture="false")
    assert (once["status"], once["amount_capturable"]) == ("requires_capture", 999)
    _, twice = call("POST", capture)
    assert (twice["status"], twice["amount_received"]) == ("succeeded", 1999)


def test_step_by_step(call):
    _, made = call("POST", INTENTS, amount=500, currency="EUR", capture_method="manual")
    assert (made["status"], made["currency"]) == ("requires_payment_method", "eur")
    confirm = f"{INTENTS}/{made['id']}/confirm"
    status, answer = call("POST", confirm)
    assert (status, answer["error"]["code"]) == (400, "payment_intent_unexpected_state")
    assert call("POST", confirm, payment_method="pm_card_visa")[1]["status"] == "requires_capture"
    status, answer = call("POST", confirm)
    assert (status, answer["error"]["payment_intent"]["status"]) == (400, "requires_capture")


def test_automatic_capture_takes_the_money_at_once(stripe, authorize):
    _, taken = authorize(capture_method="automatic")
    assert taken["status"] == "succeeded"
    assert kinds(stripe) == [("authorize", 1999), ("capture", 1999)]


@pytest.mark.parametrize(
    ("token", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ],
)
def test_a_bank_says_no(stripe, call, authorize, token, code, decline_code):
    status, answer = authorize(token)
    error = answer["error"]
    assert (status, error["type"], error["code"], error.get("decline_code")) == (402, "card_error", code, decline_code)
    intent = error["payment_intent"]
    assert (intent["status"], intent["last_payment_error"]["code"]) == ("requires_payment_method", code)
    assert stripe.log == []
    again = call("POST", f"{INTENTS}/{intent['id']}/confirm", payment_method="pm_card_visa")
    assert again[1]["status"] == "requires_capture"


def test_an_unknown_token(stripe, authorize):
    status, answer = authorize("pm_nonsense")
    error = answer["error"]
    assert (status, error["code"], error["param"]) == (400, "resource_missing", "payment_method")
    assert error["message"] == "No such PaymentMethod: 'pm_nonsense'"
    assert stripe.events == []


def test_cancelling_releases_the_hold(stripe, call, authorize):
    _, held = authorize()
    cancel = f"{INTENTS}/{held['id']}/cancel"
    _, gone = call("POST", cancel, cancellation_reason="abandoned")
    assert (gone["status"], gone["amount_capturable"], gone["cancellation_reason"]) == ("canceled", 0, "abandoned")
    assert kinds(stripe) == [("authorize", 1999), ("void", 1999)]
    status, answer = call("POST", cancel)
    assert (status, answer["error"]["code"]) == (400, "payment_intent_unexpected_state")


def test_what_was_captured_is_not_cancelled_and_what_was_cancelled_not_captured(call, authorize):
    _, one = authorize()
    call("POST", f"{INTENTS}/{one['id']}/capture")
    assert call("POST", f"{INTENTS}/{one['id']}/cancel")[0] == 400
    _, other = authorize()
    call("POST", f"{INTENTS}/{other['id']}/cancel")
    status, answer = call("POST", f"{INTENTS}/{other['id']}/capture")
    assert (status, answer["error"]["payment_intent"]["status"]) == (400, "canceled")


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"currency": "eur"}, "amount", "parameter_missing"),
        ({"amount": 5}, "currency", "parameter_missing"),
        ({"amount": "5.5", "currency": "eur"}, "amount", "parameter_invalid_integer"),
        ({"amount": 0, "currency": "eur"}, "amount", "parameter_invalid_integer"),
        ({"amount": 10**8, "currency": "eur"}, "amount", "amount_too_large"),
        ({"amount": 5, "currency": "eur", "colour": "red"}, "colour", "parameter_unknown"),
        ({"amount": 5, "currency": "euro"}, "currency", None),
        ({"amount": 5, "currency": "eur", "capture_method": "later"}, "capture_method", None),
        ({"amount": 5, "currency": "eur", "confirm": "true"}, "payment_method", None),
    ],
)
def test_wrong_parameters(stripe, call, params, param, code):
    status, answer = call("POST", INTENTS, **params)
    assert (status, answer["error"]["param"], answer["error"].get("code")) == (400, param, code)
    assert stripe.events == []


@pytest.fixture
def challenged(authorize):
    _, intent = authorize("pm_card_threeDSecure2Required", return_url="https://shop.example/done?x=1")
    return intent


def test_three_d_secure_sends_the_customer_to_a_page(stripe, challenged):
    path = f"/_local/sandbox/stripe/authenticate/{challenged['id']}"
    redirect = challenged["next_action"]["redirect_to_url"]
    assert (challenged["status"], redirect["url"]) == ("requires_action", f"http://127.0.0.1:8080{path}")
    status, headers, body = stripe.page("GET", path, "", {"Accept": "text/html"})
    assert (status, b"Complete authentication" in body) == (200, True)
    status, headers, _ = stripe.page("POST", path, "outcome=complete", {"Accept": "text/html"})
    assert (status, headers["Location"].split("&")[0]) == (303, "https://shop.example/done?x=1")
    assert headers["Location"].endswith("redirect_status=succeeded")
    assert [operation.kind for operation in stripe.log] == ["authorize"]


@pytest.mark.parametrize(
    ("query", "status", "event"),
    [
        ("", "requires_capture", "amount_capturable_updated"),
        ("outcome=fail", "requires_payment_method", "payment_failed"),
    ],
)
def test_a_script_acts_at_once(stripe, call, challenged, query, status, event):
    path = f"/_local/sandbox/stripe/authenticate/{challenged['id']}"
    assert stripe.page("GET", path, query)[0] == 200
    assert call("GET", f"{INTENTS}/{challenged['id']}")[1]["status"] == status
    assert stripe.events[-1]["type"] == f"payment_intent.{event}"
    assert stripe.page("GET", path, query)[0] == 409


def test_an_authenticated_card_may_still_be_declined(stripe, call, authorize):
    _, intent = authorize("pm_card_threeDSecureRequiredChargeDeclined")
    stripe.page("GET", f"/_local/sandbox/stripe/authenticate/{intent['id']}", "")
    _, after = call("GET", f"{INTENTS}/{intent['id']}")
    assert after["last_payment_error"]["decline_code"] == "generic_decline"
    assert stripe.log == []
