"""An order that leaves in parts is paid in parts: what each shipment's capture takes, keeps and lets go of."""

import pytest

from common.infrastructure.resilience import OutcomeUnknown
from payment.errors import PaymentNotCapturable, RefundExceedsCaptured, RefundRefused


@pytest.fixture
def share(step):
    def share(amount, shipment_id, final=False, order_id="ord_1"):
        money = {"amount": amount, "currency": "EUR"}
        return step("CapturePayment", order_id, shipment_id=shipment_id, amount=money, final=final)

    return share


@pytest.fixture
def give_back(step):
    def give_back(amount, refund_id="ref_a"):
        money = {"amount": amount, "currency": "EUR"}
        return step("RefundPayment", refund_id=refund_id, amount=money, reason="returned")

    return give_back


@pytest.fixture
def shares(told):
    """What was captured, by shipment, as events tell it."""
    return lambda: {
        message["data"]["shipment_id"]: message["data"]["amount"]["amount"]
        for message in told.messages()
        if message["type"] == "PaymentCaptured"
    }


def test_each_shipment_takes_its_share_and_the_last_closes_it(authorize, share, payment, shares, effects, sandbox):
    authorize()
    for _ in range(2):
        share(1500, "shp_a")
    assert (payment().status, payment().money) == ("authorized", {"authorized": 1999, "captured": 1500})
    share(499, "shp_b", final=True)
    assert (payment().status, payment().money) == ("captured", {"authorized": 1999, "captured": 1999})
    assert shares() == {"shp_a": 1500, "shp_b": 499}
    assert effects() == {"authorize": 1, "capture": 2}
    keys = [done.idempotency_key for done in sandbox.effects("ord_1") if done.kind == "capture"]
    assert keys == ["pay_1:capture:shp_a", "pay_1:capture:shp_b"]


def test_the_last_share_may_come_first(authorize, share, payment, effects):
    authorize()
    share(499, "shp_b", final=True)
    assert payment().money == {"authorized": 1999, "captured": 499}
    share(1500, "shp_a")
    assert (payment().status, effects()) == ("captured", {"authorize": 1, "capture": 2})


@pytest.mark.parametrize("lost", ["after", "before"])
def test_a_share_whose_answer_is_lost_is_taken_once(lost, authorize, share, wire, payment, shares, effects):
    authorize()
    share(500, "shp_a")
    wire.lose("capture", lost)
    if lost == "before":
        with pytest.raises(OutcomeUnknown):
            share(700, "shp_b")
    share(700, "shp_b")
    assert payment().money == {"authorized": 1999, "captured": 1200}
    assert (shares(), effects()["capture"]) == ({"shp_a": 500, "shp_b": 700}, 2)


@pytest.mark.parametrize("arrived", ["after", "before"])
def test_a_share_in_doubt_is_settled_before_the_next(arrived, authorize, share, wire, payment, shares, effects):
    authorize()
    wire.lose("capture", arrived)
    wire.lose("retrieve", "before", times=2)
    with pytest.raises(OutcomeUnknown):
        share(1500, "shp_a")
    assert payment().status == "unknown"
    with pytest.raises(OutcomeUnknown):
        share(499, "shp_b", final=True)
    share(499, "shp_b", final=True)
    assert (shares(), effects()["capture"]) == ({"shp_a": 1500, "shp_b": 499}, 2)
    assert payment().status == "captured"


def test_a_card_that_cannot_be_charged_in_parts_is_charged_at_once(authorize, share, payment, shares, effects):
    authorize("pm_card_jcb")
    share(1500, "shp_a")
    assert payment().status == "captured"
    share(499, "shp_b", final=True)
    assert (shares(), effects()) == ({"shp_a": 1999}, {"authorize": 1, "capture": 1})


def test_without_shipments_what_is_not_taken_is_let_go_of(authorize, share, payment, effects):
    authorize()
    for _ in range(2):
        share(1500, None, final=True)
    assert payment().money == {"authorized": 1999, "captured": 1500, "voided": 499}
    assert effects() == {"authorize": 1, "capture": 1, "void": 1}


def test_no_share_is_more_than_is_held(authorize, share, effects):
    authorize()
    share(1500, "shp_a")
    with pytest.raises(PaymentNotCapturable, match=r"4\.99 EUR"):
        share(500, "shp_b")
    assert effects()["capture"] == 1


def test_void_after_a_share_lets_go_of_the_rest_and_gives_the_share_back(authorize, share, step, payment, effects):
    authorize()
    share(1500, "shp_a")
    for _ in range(2):
        step("VoidPayment")
    assert payment().money == {"authorized": 1999, "captured": 1500, "voided": 499, "refunded": 1500}
    assert (payment().status, effects()) == ("refunded", {"authorize": 1, "capture": 1, "void": 1, "refund": 1})
    with pytest.raises(PaymentNotCapturable):
        share(499, "shp_b")


@pytest.mark.parametrize("arrived", ["after", "before"])
def test_void_of_a_share_in_doubt_asks_first(arrived, authorize, share, step, wire, payment, effects):
    authorize()
    wire.lose("capture", arrived)
    wire.lose("retrieve", "before")
    with pytest.raises(OutcomeUnknown):
        share(1500, "shp_a")
    step("VoidPayment")
    if arrived == "after":
        assert payment().money == {"authorized": 1999, "captured": 1500, "voided": 499, "refunded": 1500}
    else:
        assert payment().money == {"authorized": 1999, "voided": 1999}
        assert "capture" not in effects()


def test_a_share_that_arrives_while_the_rest_is_let_go_of_is_given_back(authorize, share, step, wire, payment, sandbox):
    authorize()
    wire.lose("capture", "before")
    with pytest.raises(OutcomeUnknown):
        share(1500, "shp_a")
    taken = {"amount_to_capture": "1500", "final_capture": "false", "metadata": {"shp_a": "1500"}}
    wire.meanwhile("void", lambda: sandbox._intents.capture(sandbox._account.intents["pi_00000001"], taken))
    with pytest.raises(OutcomeUnknown):
        step("VoidPayment")
    step("VoidPayment")
    assert payment().money == {"authorized": 1999, "captured": 1500, "voided": 499, "refunded": 1500}


def test_a_share_is_refunded_while_the_rest_is_held(authorize, share, give_back, payment, effects):
    authorize()
    share(1500, "shp_a")
    with pytest.raises(RefundExceedsCaptured):
        give_back(1501)
    for _ in range(2):
        give_back(1000)
    assert payment().status == "partially_refunded"
    share(499, "shp_b", final=True)
    assert payment().money == {"authorized": 1999, "captured": 1999, "refunded": 1000}
    assert effects() == {"authorize": 1, "capture": 2, "refund": 1}


def test_a_refund_that_times_out_three_times_is_one_refund(authorize, step, give_back, wire, payment, effects):
    authorize()
    step("CapturePayment")
    wire.lose("refund", times=3)
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            give_back(500)
        wire.lose("list_refunds", "before")
    with pytest.raises(OutcomeUnknown):
        give_back(500)
    give_back(500)
    assert (payment().money["refunded"], effects()["refund"]) == (500, 1)


def test_a_refund_that_was_refused_can_be_tried_again(authorize, step, give_back, sandbox, told, payment):
    authorize()
    step("CapturePayment")
    sandbox.fail("refund", "decline")
    with pytest.raises(RefundRefused):
        give_back(500)
    assert told()[-1] == "RefundFailed"
    give_back(500)
    assert payment().money["refunded"] == 500
