"""Payments, refunds and the ledger, as clients see them."""

import pytest

from payment import handlers

LINES = (("holds", 5), ("held", -5))


@pytest.fixture
def captured(authorize, step):
    authorize()
    step("CapturePayment")


@pytest.fixture
def refund(call):
    def refund(amount, key="r-1", payment_id="pay_1", currency="EUR", **how):
        body = {"amount": {"amount": amount, "currency": currency}, "reason": "broken"}
        how = {"caller": "cus_eve", "roles": "staff", "body": body, **how}
        return call("POST", "/payments/{payment_id}/refunds", payment_id=payment_id, key=key, **how)

    return refund


@pytest.fixture
def heard(told, deliver):
    """Hand the payment's own events to the queues that want them, each twice and the last first."""

    def heard():
        messages = told.messages()
        posted = [message for message in messages if "postings" in message["data"]]
        promised = [message for message in messages if message["type"] == "RefundRequested"]
        assert deliver(handlers.consumer, *reversed(posted), *posted) == []
        return deliver(handlers.settlements, *promised, *promised) if promised else []

    return heard


@pytest.fixture
def ledger(call):
    def ledger():
        items = call("GET", "/payments/ledger", caller="cus_eve", roles="staff").body["items"]
        return {(item["account"], item["currency"]): item["balance"]["amount"] for item in items}

    return ledger


def test_a_payment_is_shown_with_its_money(authorize, call):
    authorize()
    assert call("GET", "/payments/{payment_id}").body == {
        "payment_id": "pay_1",
        "order_id": "ord_1",
        "status": "authorized",
        "authorized": {"amount": 1999, "currency": "EUR"},
        "captured": {"amount": 0, "currency": "EUR"},
        "refunded": {"amount": 0, "currency": "EUR"},
        "voided": {"amount": 0, "currency": "EUR"},
        "currency": "EUR",
        "provider": "stripe",
        "created_at": "2024-05-01T00:00:00Z",
        "updated_at": "2024-05-01T00:00:00Z",
    }


def test_a_payment_is_found_by_its_order(authorize, call):
    authorize()
    mine = call("GET", "/payments", query={"order_id": "ord_1"})
    assert mine.body == {"items": [call("GET", "/payments/{payment_id}").body], "next_cursor": None}
    nothing = {"items": [], "next_cursor": None}
    assert call("GET", "/payments", query={"order_id": "ord_1"}, caller="cus_bob").body == nothing
    assert call("GET", "/payments", query={"order_id": "ord_2"}).body == nothing
    assert call("GET", "/payments", query={"order_id": "1"}).body == nothing
    assert call("GET", "/payments").status == 422
    assert len(call("GET", "/payments", query={"order_id": "ord_1"}, caller="s", roles="staff").body["items"]) == 1


def test_nobody_can_tell_another_ones_payment_from_none(authorize, call):
    authorize()
    foreign, absent = (
        call("GET", "/payments/{payment_id}", payment_id=payment_id, caller="cus_bob")
        for payment_id in ("pay_1", "pay_2")
    )
    assert foreign.status == 404
    assert {**foreign.body, "instance": ""} == {**absent.body, "instance": ""}


@pytest.mark.parametrize("route", ["/payments/{payment_id}/refunds", "/payments/ledger"])
def test_staff_things_are_for_staff(route, call, captured):
    assert call("GET", route).status == 403
    assert call("GET", route, caller=None).status == 401


def test_a_refund_is_promised_at_once_and_given_soon(captured, refund, call, heard, payment, effects):
    promised = refund(500)
    assert (promised.status, promised.body["status"]) == (202, "pending")
    assert promised.body["refund_id"].startswith("ref_")
    assert payment().status == "captured"
    assert heard() == []
    assert (payment().status, payment().money["refunded"]) == ("partially_refunded", 500)
    refunds = call("GET", "/payments/{payment_id}/refunds", caller="cus_eve", roles="staff").body["items"]
    assert refunds == [promised.body | {"status": "succeeded"}]
    assert effects()["refund"] == 1


def test_the_same_request_again_is_the_same_refund(captured, refund, heard, payment):
    first = refund(500)
    heard()
    again = refund(500)
    assert (again.status, again.text, again.headers["Idempotent-Replayed"]) == (202, first.text, "true")
    heard()
    assert payment().money["refunded"] == 500
    assert refund(600).body["code"] == "idempotency_key_reused"


def test_never_more_than_was_captured_is_promised(captured, refund, heard, payment):
    assert refund(1500, key="a").status == 202
    too_much = refund(500, key="b")
    assert (too_much.status, too_much.body["code"]) == (409, "refund_exceeds_captured")
    assert refund(499, key="b").status == 202  # a refusal does not burn the key
    heard()
    assert (payment().status, payment().money["refunded"]) == ("refunded", 1999)


def test_of_two_refunds_at_once_one_is_too_much(captured, refund, monkeypatch):
    from payment import bootstrap

    repository = bootstrap.streams()._repository
    load, twins = repository.load, []

    def load_and_be_outrun(stream):
        past = load(stream)
        if not twins:
            twins.append(None)
            twins.append(refund(1500, key="twin"))
        return past

    monkeypatch.setattr(repository, "load", load_and_be_outrun)
    assert refund(1500, key="slow").body["code"] == "refund_exceeds_captured"
    assert twins[1].status == 202


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"amount": 500, "key": None}, 400, "idempotency_key_required"),
        ({"amount": 0}, 422, "invalid_request"),
        ({"amount": -5}, 422, "invalid_request"),
        ({"amount": True}, 422, "invalid_request"),
        ({"amount": 500, "currency": "USD"}, 422, "invalid"),
        ({"amount": 500, "payment_id": "pay_none"}, 404, "not_found"),
        ({"amount": 500, "roles": ""}, 403, "forbidden"),
    ],
)
def test_a_refund_that_cannot_be_is_refused(how, status, code, captured, refund, told):
    before = told()
    answer = refund(**how)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert told() == before


def test_nothing_is_refunded_of_what_was_only_held(authorize, refund):
    authorize()
    assert refund(1).body["code"] == "refund_exceeds_captured"


def test_a_refund_that_stripe_does_not_answer_stays_on_the_queue(captured, refund, heard, wire, payment, effects):
    refund(500)
    wire.lose("refund")
    assert heard() == [0]
    assert heard() == []
    assert (payment().money["refunded"], effects()["refund"]) == (500, 1)


def test_a_refund_that_stripe_refuses_has_failed_and_can_be_asked_for_anew(
    captured, refund, heard, sandbox, payment, call, told
):
    sandbox._refunds.create({"payment_intent": "pi_00000001"})  # someone did it by hand
    refund(500)
    assert heard() == []
    assert payment().status == "captured"
    items = call("GET", "/payments/{payment_id}/refunds", caller="cus_eve", roles="staff").body["items"]
    assert [item["status"] for item in items] == ["failed"]
    assert told()[-1] == "RefundFailed"
    assert refund(1999, key="again").status == 202


def test_an_undone_order_gets_the_rest(captured, refund, step, payment, effects, heard):
    refund(500)
    step("VoidPayment")
    assert heard() == []
    assert (payment().status, payment().money["refunded"]) == ("refunded", 1999)
    assert effects()["refund"] == 2


def test_the_ledger_counts_every_event_once_and_sums_to_zero(authorize, step, heard, ledger):
    assert ledger() == {}
    authorize(order_id="ord_a1")
    heard()
    assert ledger() == {("holds", "EUR"): 1999, ("held", "EUR"): -1999}
    step("CapturePayment", "ord_a1")
    authorize(order_id="ord_b2", amount={"amount": 500, "currency": "JPY"})
    heard()
    heard()
    assert ledger() == {
        ("holds", "EUR"): 0,
        ("held", "EUR"): 0,
        ("provider", "EUR"): 1999,
        ("sales", "EUR"): -1999,
        ("holds", "JPY"): 500,
        ("held", "JPY"): -500,
    }
    step("VoidPayment", "ord_a1")
    step("VoidPayment", "ord_b2")
    step("VoidPayment", "ord_c3")  # nothing was asked for, so nothing is posted
    heard()
    assert set(ledger().values()) == {0}


def test_what_was_posted_before_does_not_keep_what_comes_with_it(authorize, heard, ledger, deliver, message):
    postings = [{"account": account, "amount": {"amount": amount, "currency": "EUR"}} for account, amount in LINES]
    first, *more = (
        message("payment", "PaymentAuthorized", "pay_1", {"postings": postings}, sequence=number)
        for number in range(1, 130)
    )
    assert deliver(handlers.consumer, first) == []
    assert deliver(handlers.consumer, first, *more, more[0]) == []
    assert ledger() == {("holds", "EUR"): 5 * 129, ("held", "EUR"): -5 * 129}
