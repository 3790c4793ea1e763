"""Ledger, provider and orders compared: on a clean day nothing differs, and whatever is planted is found."""

import json
from datetime import date
from pathlib import Path

import boto3
import pytest

from payment import bootstrap, handlers
from payment.errors import PaymentDeclined
from payment.reconciliation import stripe_log
from payment.reconciliation.comparison import KINDS

DAY = "2024-05-01"
MIDNIGHT = 1714521600000
EVENING = MIDNIGHT + 20 * 3_600_000
TOMORROW = EVENING + 24 * 3_600_000
STRAY = {"amount": "500", "currency": "eur", "capture_method": "manual", "payment_method": "pm_card_visa"}


def euro(cents):
    return {"amount": cents, "currency": "EUR"}


@pytest.fixture
def order_says(message, deliver):
    def order_says(type, order_id="ord_1", total=1999):
        data = {"order_id": order_id, "total": euro(total)}
        assert deliver(handlers.consumer, message("order", type, order_id, data)) == []

    return order_says


@pytest.fixture
def booked(told, deliver):
    """What has happened reaches the books."""

    def booked():
        posted = [message for message in told.messages() if "postings" in message["data"]]
        return deliver(handlers.consumer, *posted) if posted else []

    return booked


@pytest.fixture
def report(call, booked):
    def report(day=DAY, at=EVENING, hear=True, **query):
        if hear:
            assert booked() == []
        query = {"date": day, **query}
        answer = call("GET", "/payments/reconciliation", caller="s", roles="staff", query=query, at=at)
        assert answer.status == 200, answer.text
        return answer.body

    return report


@pytest.fixture
def differences(report):
    """Each by its kind and whose it is."""

    def differences(**how):
        names = ("payment_id", "order_id", "refund_id")
        found = report(**how)["differences"]
        return [(each["kind"], *(each[name] for name in names if each[name])) for each in found]

    return differences


@pytest.fixture
def sold(authorize, step, order_says):
    """An order that was paid, and has left."""

    def sold(order_id="ord_1"):
        authorize(order_id=order_id)
        order_says("OrderConfirmed", order_id)
        step("CapturePayment", order_id)
        order_says("OrderShipped", order_id)

    return sold


@pytest.fixture
def refund(step):
    return lambda cents, refund_id="ref_a", order_id="ord_1": step(
        "RefundPayment", order_id, refund_id=refund_id, amount=euro(cents), reason="broken"
    )


@pytest.fixture
def intent(sandbox):
    """The first, to be tampered with at Stripe."""
    return lambda: sandbox._account.intents["pi_00000001"]


def tamper(pk, sk, **attributes):
    """Change a row of the books."""
    table = boto3.resource("dynamodb").Table("commerce-payment-state")
    table.put_item(Item=table.get_item(Key={"pk": pk, "sk": sk})["Item"] | attributes)


def test_a_clean_day_has_no_differences(sold, authorize, step, order_says, refund, report):
    sold("ord_1")
    authorize(order_id="ord_2")
    step("VoidPayment", "ord_2")
    order_says("OrderClosed", "ord_2")
    with pytest.raises(PaymentDeclined):
        authorize("pm_card_chargeDeclined", order_id="ord_3")
    authorize("pm_card_threeDSecure2Required", order_id="ord_4")
    sold("ord_5")
    refund(500, "ref_a", "ord_5")
    refund(700, "ref_b", "ord_5")
    authorize(order_id="ord_6")
    order_says("OrderConfirmed", "ord_6")
    step("CapturePayment", "ord_6", shipment_id="shp_a", amount=euro(1500), final=False)
    step("VoidPayment", "ord_7")  # nothing was asked for: a mark
    found = report()
    assert found["differences"] == []
    assert (found["date"], found["total"], found["in_progress"]) == (DAY, 0, 0)
    assert found["compared"] == {"payments": 6, "orders": 4, "postings": 10}


def test_the_provider_has_captured_and_we_do_not_know(authorize, order_says, sandbox, intent, differences):
    authorize()
    order_says("OrderConfirmed")
    sandbox._intents.capture(intent(), {})
    assert differences() == [("capture_missing_here", "pay_1", "ord_1")]


def test_we_have_captured_and_the_provider_has_not(sold, intent, differences):
    sold()
    intent().update(amount_received=0, status="requires_capture", amount_capturable=1999)
    assert differences() == [("capture_missing_there", "pay_1", "ord_1")]


def test_the_amounts_of_a_capture_differ(sold, intent, report):
    sold()
    intent().update(amount_received=1990)
    [capture, void] = report()["differences"]
    assert (capture["kind"], capture["here"], capture["there"]) == ("capture_differs", euro(1999), euro(1990))
    assert capture["provider_reference"] == "pi_00000001"
    assert (void["kind"], void["there"]) == ("void_missing_here", euro(9))


def test_the_provider_holds_what_we_know_nothing_of(sandbox, report, differences):
    ours = {"payment_id": "pay_9", "order_id": "ord_9"}
    sandbox._intents.create({**STRAY, "confirm": "true", "metadata": ours})
    sandbox._intents.create({**STRAY, "confirm": "true"})
    assert differences() == [("authorization_missing_here", "pay_9", "ord_9"), ("authorization_missing_here",)]
    assert report()["differences"][1]["provider_reference"] == "pi_00000002"


def test_the_provider_holds_the_money_of_an_order_twice(authorize, sandbox, differences):
    authorize()
    ours = {"payment_id": "pay_1", "order_id": "ord_1"}
    sandbox._intents.create({**STRAY, "confirm": "true", "metadata": ours})
    assert differences() == [("authorization_missing_here", "pay_1", "ord_1")]


def test_we_hold_what_the_provider_knows_nothing_of(authorize, sandbox, differences):
    authorize()
    sandbox._account.intents.clear()
    assert differences() == [("authorization_missing_there", "pay_1", "ord_1")]


def test_the_amount_of_an_authorization_differs(authorize, intent, differences):
    authorize()
    intent().update(amount=2500, amount_capturable=2500)
    assert differences() == [("authorization_differs", "pay_1", "ord_1")]


def test_the_provider_has_let_go_and_we_do_not_know(authorize, sandbox, intent, differences, clock, booked):
    """On another day than it was held: then only the list of Stripe's events tells."""
    authorize()
    booked()
    clock.shift(24 * 3600)
    sandbox._intents.cancel(intent(), {})
    assert differences(day="2024-05-02", at=TOMORROW) == [("void_missing_here", "pay_1", "ord_1")]


def test_we_have_let_go_and_the_provider_has_not(authorize, step, intent, differences):
    authorize()
    step("VoidPayment")
    intent().update(status="requires_capture", amount_capturable=1999)
    assert differences() == [("void_missing_there", "pay_1", "ord_1")]


def test_of_what_was_let_go_of_the_amounts_differ(authorize, step, intent, differences):
    authorize()
    step("VoidPayment")
    intent().update(status="requires_capture", amount_capturable=9)
    assert differences() == [("void_differs", "pay_1", "ord_1")]


def test_the_provider_has_given_back_and_we_do_not_know(sold, sandbox, differences):
    sold()
    sandbox._refunds.create({"payment_intent": "pi_00000001", "amount": "500"})
    assert differences() == [("refund_missing_here", "pay_1", "ord_1", "ref_00000001")]


def test_what_was_given_back_on_another_day_is_seen_too(sold, sandbox, differences, clock, booked):
    sold()
    booked()
    clock.shift(24 * 3600)
    sandbox._refunds.create({"payment_intent": "pi_00000001", "amount": "500"})
    found = differences(day="2024-05-02", at=TOMORROW)
    assert found == [("refund_missing_here", "pay_1", "ord_1", "ref_00000001")]


def test_what_was_taken_on_another_day_is_seen_too(authorize, order_says, sandbox, intent, differences, clock, booked):
    authorize()
    order_says("OrderConfirmed")
    booked()
    clock.shift(24 * 3600)
    sandbox._intents.capture(intent(), {})
    assert differences(day="2024-05-02", at=TOMORROW) == [("capture_missing_here", "pay_1", "ord_1")]


def test_we_have_given_back_and_the_provider_has_not(sold, refund, sandbox, differences):
    sold()
    refund(500)
    sandbox._account.refunds["re_00000001"]["status"] = "failed"
    assert differences() == [("refund_missing_there", "pay_1", "ord_1", "ref_a")]


def test_the_amounts_of_a_refund_differ(sold, refund, sandbox, differences):
    sold()
    refund(500)
    sandbox._account.refunds["re_00000001"]["amount"] = 700
    assert differences() == [("refund_differs", "pay_1", "ord_1", "ref_a")]


def test_what_was_begun_and_not_finished_is_named_once_it_is_old(sold, call, report, differences):
    sold()
    body = {"amount": euro(500), "reason": "broken"}
    asked = call("POST", "/payments/{payment_id}/refunds", caller="s", roles="staff", key="r", body=body)
    assert asked.status == 202
    young = report(at=MIDNIGHT + 60_000)
    assert (young["differences"], young["in_progress"]) == ([], 1)
    assert differences() == [("unfinished", "pay_1", "ord_1")]


def test_an_order_was_confirmed_without_an_authorization(authorize, order_says, differences):
    order_says("OrderConfirmed", "ord_lost")
    with pytest.raises(PaymentDeclined):
        authorize("pm_card_chargeDeclined", order_id="ord_2")
    order_says("OrderConfirmed", "ord_2")
    kind = "order_without_authorization"
    assert differences() == [(kind, "pay_2", "ord_2"), (kind, "ord_lost")]


def test_another_amount_was_authorized_than_the_order_costs(authorize, order_says, report):
    authorize()
    order_says("OrderConfirmed", total=2000)
    [found] = report()["differences"]
    assert (found["kind"], found["here"], found["there"]) == ("order_total_differs", euro(1999), euro(2000))


def test_goods_have_left_and_nothing_was_taken(authorize, order_says, differences):
    authorize()
    order_says("OrderConfirmed")
    order_says("OrderShipped")
    assert differences() == [("order_shipped_unpaid", "pay_1", "ord_1")]


def test_money_was_taken_for_an_order_that_was_not_confirmed(authorize, step, differences):
    authorize()
    step("CapturePayment")
    assert differences() == [("captured_without_order", "pay_1", "ord_1")]
    step("VoidPayment")
    assert differences() == []


def test_an_order_has_ended_and_its_money_is_still_held(authorize, order_says, report):
    authorize()
    order_says("OrderConfirmed")
    order_says("OrderCancelled")
    [found] = report()["differences"]
    assert (found["kind"], found["here"]) == ("order_ended_and_keeps_money", euro(1999))


def test_the_ledger_misses_an_event(authorize, differences):
    authorize()
    assert differences(hear=False) == [("ledger_misses_event", "pay_1")]
    assert differences(hear=False, at=MIDNIGHT + 60_000) == []  # it may be on its way
    assert differences() == []


def test_the_ledger_has_what_never_happened(authorize, differences, message, deliver):
    authorize()
    postings = [{"account": "provider", "amount": euro(5)}, {"account": "sales", "amount": euro(-5)}]
    false = message("payment", "PaymentCaptured", "pay_1", {"postings": postings}, sequence=9)
    assert deliver(handlers.consumer, false) == []
    assert differences() == [("ledger_has_no_event", "pay_1")]


def test_the_ledger_has_another_amount(authorize, differences, booked):
    authorize()
    booked()
    [entry] = bootstrap.ledger().journal(date(2024, 5, 1))
    wrong = [{"account": each.account, "amount": euro(2 * each.amount.amount)} for each in entry.postings]
    tamper(f"journal#{DAY}", "pay_1#2", postings=wrong)
    kinds = [kind for kind, *_ in differences(hear=False)]
    assert kinds == ["ledger_sum_differs", "ledger_sum_differs", "ledger_differs_from_event"]


def test_the_sums_of_the_ledger_are_not_those_of_its_journal(authorize, booked, report):
    authorize()
    booked()
    tamper("ledger", f"{DAY}#1", holds_EUR=2000)
    [holds, whole] = report(hear=False)["differences"]
    assert (holds["kind"], holds["account"]) == ("ledger_sum_differs", "holds")
    assert (holds["here"], holds["there"]) == (euro(2000), euro(1999))
    assert (whole["kind"], whole["here"]) == ("ledger_unbalanced", euro(1))


def test_by_night_yesterdays_report_is_made_and_kept_and_an_alarm_hears_of_it(
    authorize, booked, sandbox, order_says, intent, report, context, capsys, clock
):
    authorize()
    order_says("OrderConfirmed")
    booked()
    sandbox._intents.capture(intent(), {})
    clock.shift(27 * 3600)
    capsys.readouterr()
    handlers.reconciler({"id": "r-1", "time": "2024-05-02T03:00:00Z"}, context)
    [counted] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert counted["ReconciliationDifferences"] == [1]
    intent().update(amount_received=0, status="requires_capture", amount_capturable=1999)
    kept = report(at=TOMORROW)
    assert [each["kind"] for each in kept["differences"]] == ["capture_missing_here"]
    assert kept["made_at"] == "2024-05-02T03:00:00Z"
    assert report(at=TOMORROW, fresh="true")["differences"] == []


def test_what_is_held_for_six_days_is_about_to_lapse(authorize, step, booked, report, clock):
    for number in range(3):
        authorize(order_id=f"ord_{number}")
    booked()
    step("VoidPayment", "ord_1")
    step("CapturePayment", "ord_2")
    clock.shift(6 * 24 * 3600)
    found = report(day="2024-05-06", at=EVENING + 6 * 24 * 3_600_000)
    assert found["lapsing"] == ["pay_0"]


def test_a_long_day_is_read_page_by_page(authorize, report, wire, monkeypatch):
    monkeypatch.setattr(stripe_log, "PAGE", "3")
    for number in range(7):
        authorize(order_id=f"ord_{number}")
    wire.calls.clear()
    assert (report()["compared"]["payments"], report()["total"]) == (7, 0)
    assert wire.calls.count("list") == 6


def test_when_the_provider_does_not_answer_the_report_must_wait(authorize, call, wire):
    authorize()
    wire.lose("list", "unreachable")
    answer = call("GET", "/payments/reconciliation", caller="s", roles="staff", query={"date": DAY}, at=EVENING)
    assert (answer.status, answer.body["code"]) == (503, "provider_down")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("day", ["yesterday", "2024-13-01", "", "4242424242424242"])
def test_a_day_that_is_none_is_refused(day, call):
    answer = call("GET", "/payments/reconciliation", caller="s", roles="staff", query={"date": day})
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "date")


def test_reports_are_for_staff(call):
    assert call("GET", "/payments/reconciliation").status == 403
    assert call("GET", "/payments/reconciliation", caller=None).status == 401


def test_each_kind_of_difference_is_planted_above():
    stories = Path(__file__).read_text()
    assert [kind for kind in KINDS if f'"{kind}"' not in stories] == []
