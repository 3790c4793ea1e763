"""The saga's steps, down to the tables and out to Stripe."""

import pytest

from common.domain.errors import ConcurrentWrite
from common.infrastructure.resilience import OutcomeUnknown, ProviderDown
from payment.errors import PaymentClosed, PaymentDeclined, PaymentNotCapturable
from payment.payments import Payments

PAID = {"authorized": 1999, "captured": 1999}
UNDONE = {"authorized": 1999, "voided": 1999}
PAID_BACK = {"authorized": 1999, "captured": 1999, "refunded": 1999}


def test_money_is_held_then_taken(authorize, step, payment, told, effects, wire):
    assert authorize() == {"payment_id": "pay_1", "status": "authorized"}
    assert (payment().status, payment().money) == ("authorized", {"authorized": 1999})
    assert step("CapturePayment") == {"payment_id": "pay_1"}
    assert (payment().status, payment().money) == ("captured", PAID)
    assert told() == ["PaymentRequested", "PaymentAuthorized", "CaptureRequested", "PaymentCaptured"]
    assert wire.calls == ["create", "authorize", "capture"]
    assert effects() == {"authorize": 1, "capture": 1}


def test_a_step_that_is_repeated_does_nothing_more(authorize, step, told, effects, wire):
    for _ in range(2):
        assert authorize()["status"] == "authorized"
    for _ in range(2):
        step("CapturePayment")
    assert authorize()["status"] == "authorized"
    assert effects() == {"authorize": 1, "capture": 1}
    assert len(told()) == 4
    assert wire.calls == ["create", "authorize", "capture"]


@pytest.mark.parametrize(
    ("payment_method", "why"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_nobody_knows", "resource_missing"),
    ],
)
def test_a_declined_card_is_declined_for_good(payment_method, why, authorize, step, payment, told, effects):
    for _ in range(2):
        with pytest.raises(PaymentDeclined, match=why):
            authorize(payment_method)
    step("VoidPayment")
    assert (payment().status, payment().money) == ("declined", {})
    assert told() == ["PaymentRequested", "PaymentDeclined"]
    assert effects() == {}


def test_nothing_is_taken_that_is_not_held(step, authorize):
    with pytest.raises(PaymentNotCapturable):
        step("CapturePayment")
    authorize("pm_card_threeDSecure2Required")
    with pytest.raises(PaymentNotCapturable):
        step("CapturePayment")


@pytest.mark.parametrize("lost", ["create", "authorize"])
def test_a_lost_answer_is_asked_for(lost, authorize, payment, effects, wire):
    """Creating moves no money, so it is for the state machine to try again."""
    wire.lose(lost)
    if lost == "create":
        with pytest.raises(OutcomeUnknown):
            authorize()
    assert authorize()["status"] == "authorized"
    assert (payment().money, effects()) == ({"authorized": 1999}, {"authorize": 1})


def test_a_lost_answer_that_was_no_is_a_no(authorize, wire, payment):
    wire.lose("authorize")
    with pytest.raises(PaymentDeclined, match="generic_decline"):
        authorize("pm_card_chargeDeclined")
    assert payment().status == "declined"


def test_a_call_that_never_arrived_is_made_again(authorize, wire, payment, effects):
    wire.lose("authorize", "before")
    with pytest.raises(OutcomeUnknown):
        authorize()
    assert payment().status == "authorizing"  # it was asked, and has not held anything
    assert authorize()["status"] == "authorized"
    assert effects() == {"authorize": 1}


def test_a_question_without_an_answer_leaves_the_payment_in_doubt_until_one_comes(authorize, wire, payment, told):
    wire.lose("authorize")
    wire.lose("retrieve", "before", times=2)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            authorize()
        assert payment().status == "unknown"
    assert authorize()["status"] == "authorized"
    assert wire.calls == ["create", "authorize", "retrieve", "retrieve", "retrieve"]
    assert told() == ["PaymentRequested", "PaymentInDoubt", "PaymentAuthorized"]


def test_a_capture_whose_answer_is_lost_takes_the_money_once(authorize, step, wire, payment, effects):
    authorize()
    wire.lose("capture")
    step("CapturePayment")
    assert (payment().status, payment().money) == ("captured", PAID)
    assert effects() == {"authorize": 1, "capture": 1}


def test_a_capture_in_doubt_is_taken_up_again(authorize, step, wire, payment, effects):
    authorize()
    wire.lose("capture")
    wire.lose("retrieve", "unreachable")
    with pytest.raises(OutcomeUnknown):
        step("CapturePayment")
    assert payment().status == "unknown"
    step("CapturePayment")
    assert (payment().status, effects()) == ("captured", {"authorize": 1, "capture": 1})


def test_stripes_own_fault_is_tried_again(authorize, step, sandbox, effects, payment):
    for operation, attempt in (("authorize", authorize), ("capture", lambda: step("CapturePayment"))):
        sandbox.fail(operation, "error")
        with pytest.raises(OutcomeUnknown):
            attempt()
        attempt()
    assert (payment().money, effects()) == (PAID, {"authorize": 1, "capture": 1})


def test_when_stripe_asks_us_to_wait_nothing_was_done(authorize, sandbox, payment):
    sandbox.fail("authorize", "rate_limit")
    with pytest.raises(ProviderDown):
        authorize()
    assert payment().status == "authorizing"
    assert authorize()["status"] == "authorized"


def test_a_provider_that_is_down_is_left_alone_after_five_failures(authorize, wire, clock):
    wire.lose("create", "unreachable", times=5)
    for number in range(7):
        with pytest.raises(ProviderDown):
            authorize(order_id=f"ord_{number}")
    assert len(wire.calls) == 5
    clock.shift(31)
    assert authorize()["status"] == "authorized"


def test_void_before_anything_refuses_what_comes_late(step, authorize, call, wire):
    for _ in range(2):
        step("VoidPayment")
    with pytest.raises(PaymentClosed):
        authorize()
    assert wire.calls == []
    assert call("GET", "/payments/{payment_id}").status == 404


def test_void_lets_go_of_what_is_held(step, authorize, payment, effects):
    authorize()
    for _ in range(2):
        step("VoidPayment")
    assert (payment().status, payment().money) == ("voided", UNDONE)
    assert effects() == {"authorize": 1, "void": 1}
    with pytest.raises(PaymentClosed):
        authorize()
    with pytest.raises(PaymentNotCapturable):
        step("CapturePayment")


@pytest.mark.parametrize("lost", ["after", "before"])
def test_void_is_done_also_when_its_answer_is_lost(lost, step, authorize, payment, effects, wire):
    authorize()
    wire.lose("void", lost)
    if lost == "before":
        with pytest.raises(OutcomeUnknown):
            step("VoidPayment")
    step("VoidPayment")
    assert (payment().money, effects()) == (UNDONE, {"authorize": 1, "void": 1})


def test_void_ends_the_wait_for_the_customer(step, authorize, payment, effects, told):
    assert authorize("pm_card_threeDSecure2Required")["status"] == "requires_action"
    step("VoidPayment")
    assert (payment().status, payment().money, effects()) == ("voided", {}, {})
    assert told()[-2:] == ["VoidRequested", "PaymentVoided"]


def test_void_gives_back_what_was_taken(step, authorize, payment, effects, told):
    authorize()
    step("CapturePayment")
    for _ in range(2):
        step("VoidPayment")
    assert (payment().status, payment().money) == ("refunded", PAID_BACK)
    assert effects() == {"authorize": 1, "capture": 1, "refund": 1}
    assert told()[-2:] == ["RefundRequested", "PaymentRefunded"]


@pytest.mark.parametrize("lost", ["after", "before"])
def test_money_goes_back_once_also_when_the_answer_is_lost(lost, step, authorize, payment, effects, wire):
    authorize()
    step("CapturePayment")
    wire.lose("refund", lost)
    with pytest.raises(OutcomeUnknown):
        step("VoidPayment")
    assert payment().status == "captured"
    step("VoidPayment")
    assert (payment().money, effects()["refund"]) == (PAID_BACK, 1)


def test_a_refund_that_is_taken_up_after_stripe_forgot_its_key_is_not_given_twice(
    step, authorize, effects, wire, clock, payment
):
    authorize()
    step("CapturePayment")
    wire.lose("refund")
    with pytest.raises(OutcomeUnknown):
        step("VoidPayment")
    clock.shift(25 * 3600)
    step("VoidPayment")
    assert (payment().status, effects()["refund"]) == ("refunded", 1)


@pytest.mark.parametrize(
    ("payment_method", "arrived", "status", "money", "moved"),
    [
        ("pm_card_visa", "after", "voided", UNDONE, {"authorize": 1, "void": 1}),
        ("pm_card_visa", "before", "voided", {}, {}),
        ("pm_card_chargeDeclined", "after", "declined", {}, {}),
        ("pm_card_threeDSecure2Required", "after", "voided", {}, {}),
    ],
)
def test_void_of_a_payment_in_doubt_asks_first(
    payment_method, arrived, status, money, moved, authorize, step, wire, payment, effects
):
    wire.lose("authorize", arrived)
    wire.lose("retrieve", "before")
    with pytest.raises(OutcomeUnknown):
        authorize(payment_method)
    step("VoidPayment")
    assert (payment().status, payment().money, effects()) == (status, money, moved)
    assert wire.calls[3] == "retrieve"


def test_void_of_a_payment_that_was_only_asked_for_leaves_nothing_to_confirm(authorize, step, wire, payment, effects):
    wire.lose("create")
    with pytest.raises(OutcomeUnknown):
        authorize()
    step("VoidPayment")
    assert (payment().status, payment().money, effects()) == ("voided", {}, {})


def test_void_between_create_and_confirm_wins(authorize, step, wire, payment, effects):
    wire.meanwhile("authorize", lambda: step("VoidPayment"))
    with pytest.raises(PaymentClosed):
        authorize()
    assert (payment().status, payment().money, effects()) == ("voided", {}, {})


def test_a_confirmation_that_overtakes_the_void_is_let_go_of(authorize, step, wire, payment, effects, told):
    wire.lose("authorize", "before")
    with pytest.raises(OutcomeUnknown):
        authorize()

    def confirm():
        with pytest.raises(PaymentClosed):
            authorize()

    wire.meanwhile("void", lambda: wire._sandbox._intents.confirm(wire._sandbox._account.intents["pi_00000001"], {}))
    step("VoidPayment")
    confirm()
    assert (payment().status, payment().money) == ("voided", UNDONE)
    assert effects() == {"authorize": 1, "void": 1}
    assert told() == ["PaymentRequested", "VoidRequested", "PaymentAuthorized", "PaymentVoided"]


def test_a_capture_that_overtakes_the_void_is_given_back(authorize, step, wire, payment, effects):
    authorize()
    capture = wire._sandbox._intents.capture
    wire.meanwhile("void", lambda: capture(wire._sandbox._account.intents["pi_00000001"], {}))
    step("VoidPayment")
    assert (payment().status, payment().money) == ("refunded", PAID_BACK)
    assert effects() == {"authorize": 1, "capture": 1, "refund": 1}


def test_void_asks_what_became_of_a_capture_without_result(authorize, step, wire, payment, effects):
    authorize()
    wire.lose("capture")
    wire.lose("retrieve", "before")
    with pytest.raises(OutcomeUnknown):
        step("CapturePayment")
    step("VoidPayment")
    assert (payment().status, payment().money) == ("refunded", PAID_BACK)
    assert "void" not in wire.calls
    assert effects() == {"authorize": 1, "capture": 1, "refund": 1}


def test_void_asks_also_when_the_capture_died_before_it_could_say_so(authorize, step, wire, monkeypatch, payment):
    authorize()
    with monkeypatch.context() as crash:
        crash.setattr(Payments, "_record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            step("CapturePayment")
    step("VoidPayment")
    assert (payment().status, payment().money) == ("refunded", PAID_BACK)
    assert wire.calls[3] == "retrieve"
    assert "void" not in wire.calls


def test_a_void_that_overtakes_the_capture_wins(authorize, step, wire, payment, effects):
    authorize()
    wire.meanwhile("capture", lambda: step("VoidPayment"))
    with pytest.raises(PaymentNotCapturable):
        step("CapturePayment")
    assert (payment().status, payment().money) == ("voided", UNDONE)
    assert effects() == {"authorize": 1, "void": 1}


def test_a_crash_after_the_call_is_made_good_by_the_repeat(authorize, step, monkeypatch, payment, effects):
    """The intent is committed and the call has taken effect, but its result never reached the stream."""
    from payment import bootstrap

    repository = bootstrap.streams()._repository
    save = repository.save

    def dies(stream, version, events, origin, *, also=()):
        if events[0].type in ("PaymentAuthorized", "PaymentCaptured", "PaymentVoided", "PaymentRefunded"):
            raise ConcurrentWrite("again, and again")
        save(stream, version, events, origin, also=also)

    for attempt in (authorize, lambda: step("CapturePayment"), lambda: step("VoidPayment")):
        with monkeypatch.context() as broken:
            broken.setattr(repository, "save", dies)
            with pytest.raises(ConcurrentWrite):
                attempt()
        attempt()
    assert (payment().status, payment().money) == ("refunded", PAID_BACK)
    assert effects() == {"authorize": 1, "capture": 1, "refund": 1}


def test_the_saga_goes_on_when_the_customer_acted_before_the_webhook_came(authorize, act, told, payment):
    assert authorize("pm_card_threeDSecure2Required")["status"] == "requires_action"
    assert authorize("pm_card_threeDSecure2Required")["status"] == "requires_action"
    act()
    assert authorize("pm_card_threeDSecure2Required")["status"] == "authorized"
    assert told() == ["PaymentRequested", "PaymentActionRequired", "PaymentAuthorized"]
    assert payment().next_action is None
