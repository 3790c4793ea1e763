"""What Stripe tells of refunds and disputes, whoever made them, and in whatever order it comes."""

import json

import pytest

from payment import handlers


@pytest.fixture
def sold(authorize, step):
    authorize()
    step("CapturePayment")


@pytest.fixture
def refund(step):
    return lambda cents=500, refund_id="ref_a": step(
        "RefundPayment", refund_id=refund_id, amount={"amount": cents, "currency": "EUR"}, reason="broken"
    )


@pytest.fixture
def news(sandbox, webhook):
    """All that Stripe has told so far, or only what is of a kind; each is delivered, the last first."""

    def news(kind=""):
        owed = [sent for sent in sandbox.owed_webhooks() if sent.event_type.startswith(kind)]
        assert owed
        assert {webhook(sent).status for sent in reversed(owed)} == {200}
        return owed

    return news


@pytest.fixture
def ledger(told, deliver, call):
    def ledger():
        posted = [message for message in told.messages() if message["data"].get("postings")]
        assert deliver(handlers.consumer, *posted) == []
        items = call("GET", "/payments/ledger", caller="s", roles="staff").body["items"]
        return {item["account"]: item["balance"]["amount"] for item in items if item["balance"]["amount"]}

    return ledger


@pytest.fixture
def refunds(call):
    def refunds():
        items = call("GET", "/payments/{payment_id}/refunds", caller="s", roles="staff").body["items"]
        return {item["refund_id"]: (item["amount"]["amount"], item["status"]) for item in items}

    return refunds


def test_a_refund_of_ours_is_no_news(sold, refund, news, told, wire):
    refund()
    before, asked = told(), len(wire.calls)
    news("charge.refunded")
    assert (told(), len(wire.calls)) == (before, asked)


def test_money_that_was_given_back_by_hand_is_in_the_books(sold, sandbox, news, payment, refunds, ledger):
    sandbox._refunds.create({"payment_intent": "pi_00000001", "amount": "500"})
    for _ in range(2):
        news()
    assert (payment().status, payment().money["refunded"]) == ("partially_refunded", 500)
    assert refunds() == {"ref_00000001": (500, "succeeded")}
    assert ledger() == {"provider": 1499, "sales": -1499}


def test_what_was_given_by_hand_counts_against_what_may_be_refunded(sold, sandbox, news, call, refund):
    sandbox._refunds.create({"payment_intent": "pi_00000001", "amount": "1500"})
    news()
    body = {"amount": {"amount": 500, "currency": "EUR"}, "reason": "broken"}
    answer = call("POST", "/payments/{payment_id}/refunds", caller="s", roles="staff", key="r", body=body)
    assert (answer.status, answer.body["code"]) == (409, "refund_exceeds_captured")


def test_a_refund_whose_answer_was_lost_is_settled_by_the_news(sold, refund, wire, news, payment, effects):
    wire.lose("refund")
    with pytest.raises(Exception, match="did not answer"):
        refund()
    assert "refunded" not in payment().money
    news("charge.refunded")
    assert payment().money["refunded"] == 500
    refund()
    assert effects()["refund"] == 1


def test_a_refund_that_comes_back_is_open_again_and_an_alarm_hears_of_it(
    sold, refund, sandbox, news, payment, refunds, ledger, capsys
):
    refund()
    sandbox.bounce_refund("re_00000001")
    capsys.readouterr()
    for _ in range(2):
        news()
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [each["RefundsFailed"] for each in counted] == [[1]]
    assert (payment().status, refunds()) == ("captured", {"ref_a": (500, "failed")})
    assert ledger() == {"provider": 1999, "sales": -1999}
    refund()
    assert refunds() == {"ref_a": (500, "succeeded")}
    news()
    assert (refunds(), ledger()) == ({"ref_a": (500, "succeeded")}, {"provider": 1499, "sales": -1499})


@pytest.mark.parametrize(("won", "left"), [(True, {"provider": 1999}), (False, {"losses": 1999})])
def test_what_a_bank_wants_back_is_kept_apart_until_it_is_decided(won, left, sold, sandbox, news, told, ledger, capsys):
    dispute = sandbox.open_dispute("pi_00000001")
    capsys.readouterr()
    for _ in range(2):
        news()
    assert '"DisputesOpened":[1' in capsys.readouterr().out.replace(" ", "")
    assert told()[-1] == "DisputeOpened"
    assert ledger() == {"disputed": 1999, "sales": -1999}
    sandbox.close_dispute(dispute, won=won)
    for _ in range(2):
        news()
    assert told()[-2:] == ["DisputeOpened", "DisputeClosed"]
    assert ledger() == {**left, "sales": -1999}


def test_a_dispute_that_is_decided_before_we_hear_of_it_is_told_at_once(sold, sandbox, webhook, told):
    sandbox.close_dispute(sandbox.open_dispute("pi_00000001"), won=False)
    [closed] = [sent for sent in sandbox.owed_webhooks() if sent.event_type == "charge.dispute.closed"]
    assert webhook(closed).status == 200
    assert told()[-2:] == ["DisputeOpened", "DisputeClosed"]


def test_an_inquiry_leaves_the_money_where_it_is(sold, sandbox, news, ledger, told):
    sandbox.close_dispute(sandbox.open_dispute("pi_00000001", inquiry=True), won=True)
    news()
    assert told()[-2:] == ["DisputeOpened", "DisputeClosed"]
    assert ledger() == {"provider": 1999, "sales": -1999}


def test_what_is_disputed_is_not_refunded_as_well(sold, sandbox, refund, refunds):
    sandbox.open_dispute("pi_00000001")
    with pytest.raises(Exception, match="refused"):
        refund()
    assert refunds() == {"ref_a": (500, "failed")}


@pytest.mark.parametrize("kind", ["charge.refunded", "charge.dispute.created"])
def test_news_of_a_payment_that_is_none_of_ours_is_ignored(kind, webhook, sandbox, told):
    bought = {"amount": "500", "currency": "eur", "confirm": "true", "payment_method": "pm_card_visa"}
    reference = sandbox._intents.create(bought)["id"]
    sandbox._refunds.create({"payment_intent": reference, "amount": "5"})
    sandbox.open_dispute(reference)
    assert {webhook(sent).status for sent in sandbox.owed_webhooks() if sent.event_type == kind} == {200}
    assert told.messages() == []
