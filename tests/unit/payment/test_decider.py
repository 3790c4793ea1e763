"""Given what happened, when asked, then this happens. No AWS, no provider, no mocks."""

from datetime import UTC, datetime

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as some

from common.domain.errors import DomainError, Invalid, NotFound
from common.domain.ledger import balances
from common.domain.money import Money
from payment import accounts
from payment.commands import (
    AuthorizePayment,
    CapturePayment,
    RecordDoubt,
    RecordFinding,
    RecordRefund,
    RequestRefund,
    VoidPayment,
)
from payment.decider import decide, decider
from payment.errors import (
    PaymentClosed,
    PaymentDeclined,
    PaymentNotCapturable,
    RefundExceedsCaptured,
    RefundRefused,
)
from payment.events import (
    PAYMENT_EVENTS,
    CaptureRequested,
    PaymentActionRequired,
    PaymentActionSettled,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentInDoubt,
    PaymentRefunded,
    PaymentRequested,
    PaymentVoided,
    RefundFailed,
    RefundRequested,
    VoidRequested,
)
from payment.events import PaymentDeclined as WasDeclined
from payment.provider import Found
from payment.state import Payment

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def euro(cents):
    return Money(amount=cents, currency="EUR")


WHOSE = {"payment_id": "pay_1", "order_id": "ord_1", "customer_id": "cus_1", "at": NOW}
PRICE, NOTHING = euro(1999), euro(0)
URL = "https://bank.example"

REQUESTED = PaymentRequested(**WHOSE, amount=PRICE, payment_method="pm_card_visa")
MUST_ACT = PaymentActionRequired(**WHOSE, redirect_url=URL, provider_reference="pi_1")
AUTHORIZED = PaymentAuthorized(**WHOSE, amount=PRICE, provider_reference="pi_1", postings=accounts.authorization(PRICE))
DECLINED = WasDeclined(**WHOSE, decline_code="generic_decline")
DOUBTED = PaymentInDoubt(**WHOSE, provider_reference="pi_1")
CAPTURING = CaptureRequested(**WHOSE, amount=PRICE)
CAPTURED = PaymentCaptured(**WHOSE, amount=PRICE, postings=accounts.capture(PRICE))
IN_PARTS = [REQUESTED, AUTHORIZED.model_copy(update={"in_parts": True})]
VOIDING = VoidRequested(**WHOSE)
VOIDED = PaymentVoided(**WHOSE, amount=PRICE, postings=accounts.void(PRICE))
LEFT = PaymentVoided(**WHOSE, amount=NOTHING, postings=())
MARK = PaymentVoided(payment_id="pay_1", order_id="ord_1", amount=NOTHING, postings=(), at=NOW)
HELD = [REQUESTED, AUTHORIZED]
PAID = [*HELD, CAPTURING, CAPTURED]

authorize = AuthorizePayment(order_id="ord_1", customer_id="cus_1", amount=PRICE, payment_method="pm_card_visa", at=NOW)
capture = CapturePayment(order_id="ord_1", at=NOW)
void = VoidPayment(order_id="ord_1", at=NOW)
doubt = RecordDoubt(reference="pi_1", at=NOW)


def settled(outcome):
    return PaymentActionSettled(**WHOSE, outcome=outcome)


def found(standing, was_authorized=None, *, told=False, reference="pi_1", captured=None, **shares):
    """With no shares, a captured payment is captured in full."""
    taken = sum(shares.values()) if captured is None else captured
    taken = 1999 if standing == "captured" and not taken else taken
    held = standing in ("authorized", "captured") if was_authorized is None else was_authorized
    why = "generic_decline" if standing == "declined" else ""
    return RecordFinding(
        found=Found("pay_1", reference, standing, held, False, taken, shares, redirect_url=URL, decline_code=why),
        told_by_provider=told,
        at=NOW,
    )


def share(cents, shipment_id, final=False):
    return CapturePayment(order_id="ord_1", shipment_id=shipment_id, amount=euro(cents), final=final, at=NOW)


def taking(cents, shipment_id, closes=False):
    return CaptureRequested(**WHOSE, amount=euro(cents), shipment_id=shipment_id, closes=closes)


def taken(cents, shipment_id):
    amount = euro(cents)
    return PaymentCaptured(**WHOSE, amount=amount, shipment_id=shipment_id, postings=accounts.capture(amount))


def let_go(cents, lapsed=False):
    return PaymentVoided(**WHOSE, amount=euro(cents), postings=accounts.void(euro(cents)), lapsed=lapsed)


def refund(cents, refund_id="ref_a", currency="EUR"):
    amount = {"amount": cents, "currency": currency}
    return RequestRefund(refund_id=refund_id, amount=amount, reason="broken", at=NOW)


def promised(cents, refund_id="ref_a", reason="broken"):
    return RefundRequested(**WHOSE, refund_id=refund_id, amount=euro(cents), reason=reason)


def given_back(cents, refund_id="ref_a", reason="broken"):
    postings = accounts.refund(euro(cents))
    return PaymentRefunded(**WHOSE, refund_id=refund_id, amount=euro(cents), reason=reason, postings=postings)


def failed(cents, refund_id="ref_a"):
    return RefundFailed(**WHOSE, refund_id=refund_id, amount=euro(cents), cause="charge_already_refunded")


def refunded(refund_id="ref_a", cause=None):
    return RecordRefund(refund_id=refund_id, cause=cause, at=NOW)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([], authorize, [REQUESTED], id="the intent comes first"),
        pytest.param([REQUESTED], authorize, [], id="it goes on where it stood"),
        pytest.param([REQUESTED, MUST_ACT], authorize, [], id="also when the customer must act"),
        pytest.param(PAID, authorize, [], id="a late twin finds it done"),
        pytest.param([REQUESTED], found("authorized"), [AUTHORIZED], id="held"),
        pytest.param([REQUESTED], found("declined"), [DECLINED], id="declined"),
        pytest.param([REQUESTED], found("action_required"), [MUST_ACT], id="the customer must act"),
        pytest.param([REQUESTED], found("unconfirmed"), [], id="not yet is no event"),
        pytest.param([REQUESTED, MUST_ACT], found("authorized"), [AUTHORIZED], id="a step finds that they acted"),
        pytest.param(
            [REQUESTED, MUST_ACT],
            found("authorized", told=True),
            [AUTHORIZED, settled("authorized")],
            id="the provider tells that they acted",
        ),
        pytest.param(
            [REQUESTED, MUST_ACT],
            found("declined", told=True),
            [DECLINED, settled("declined")],
            id="the provider tells that they failed",
        ),
        pytest.param([REQUESTED], found("authorized", told=True), [AUTHORIZED], id="nobody had to act"),
        pytest.param([*HELD], found("action_required", told=True), [], id="old news"),
        pytest.param([*HELD], found("authorized", told=True), [], id="known news"),
        pytest.param([*HELD], found("declined"), [], id="what is held is not declined"),
        pytest.param([*HELD], found("captured", reference="pi_2"), [], id="another intent's news"),
        pytest.param([*PAID], found("authorized"), [], id="what is taken is not held again"),
        pytest.param([*PAID], found("cancelled", True), [], id="what is taken is not let go of"),
        pytest.param([*HELD, VOIDING, VOIDED], found("captured"), [], id="what is let go of is not taken"),
        pytest.param([REQUESTED], doubt, [DOUBTED], id="in doubt"),
        pytest.param([REQUESTED, DOUBTED], doubt, [], id="in doubt, once"),
        pytest.param([*PAID], doubt, [], id="what is over is in no doubt"),
        pytest.param([REQUESTED, DOUBTED], found("authorized"), [AUTHORIZED], id="out of doubt"),
        pytest.param(HELD, capture, [CAPTURING], id="the intent to take comes first, too"),
        pytest.param([*HELD, CAPTURING], capture, [], id="a capture without result is taken up again"),
        pytest.param(PAID, capture, [], id="captured already"),
        pytest.param([*HELD, CAPTURING], found("captured"), [CAPTURED], id="taken"),
        pytest.param(HELD, found("captured", told=True), [CAPTURED], id="taken by hand"),
        pytest.param([*HELD, CAPTURING], found("authorized"), [], id="not taken yet"),
        pytest.param([*HELD, CAPTURING], found("cancelled", True), [VOIDED], id="let go of instead"),
        pytest.param(IN_PARTS, share(1500, "shp_a"), [taking(1500, "shp_a")], id="a share"),
        pytest.param(
            IN_PARTS,
            share(1500, "shp_a", final=True),
            [taking(1500, "shp_a")],
            id="others may be late, so it is kept",
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a"), taken(1500, "shp_a")],
            share(499, "shp_b"),
            [taking(499, "shp_b", closes=True)],
            id="the sum tells which share is the last",
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a")], share(499, "shp_b"), [], id="a share without result comes first"
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a"), taken(1500, "shp_a")],
            share(1500, "shp_a"),
            [],
            id="taken once",
        ),
        pytest.param(HELD, share(1500, "shp_a"), [taking(1999, "shp_a", closes=True)], id="the bank allows no parts"),
        pytest.param(
            [*HELD, taking(1999, "shp_a", True), taken(1999, "shp_a")],
            share(499, "shp_b"),
            [],
            id="so all is taken",
        ),
        pytest.param(IN_PARTS, share(0, "shp_a"), [], id="a share of nothing"),
        pytest.param(IN_PARTS, capture, [CAPTURING], id="all at once, though parts were possible"),
        pytest.param(
            IN_PARTS, share(1500, None, final=True), [taking(1500, None, closes=True)], id="less than all, for good"
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, None, True)],
            found("captured", captured=1500),
            [taken(1500, None), let_go(499)],
            id="and what is left is let go of",
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, None, True), taken(1500, None), let_go(499)],
            share(1500, None, final=True),
            [],
            id="once",
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a")],
            found("authorized", shp_a=1500),
            [taken(1500, "shp_a")],
            id="a share was taken, and the rest is held",
        ),
        pytest.param([*IN_PARTS, taking(1500, "shp_a")], found("authorized"), [], id="a share was not taken yet"),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a")],
            found("captured", shp_a=1500, shp_b=499),
            [taken(1500, "shp_a"), taken(499, "shp_b")],
            id="both were taken, and nobody knew",
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a"), taken(1500, "shp_a")],
            found("captured", shp_a=1500),
            [let_go(499, lapsed=True)],
            id="the rest was let go of, and nobody had asked for it",
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a"), taken(1500, "shp_a")],
            found("authorized", captured=0),
            [],
            id="old news of a share",
        ),
        pytest.param(
            IN_PARTS,
            found("authorized", captured=300, shp_a=9999),
            [taken(300, None)],
            id="a note that cannot be",
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a"), taken(1500, "shp_a")], void, [VOIDING], id="void what captures left"
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a"), taken(1500, "shp_a"), VOIDING, let_go(499)],
            void,
            [promised(1500, "ref_1", "order undone")],
            id="and give back what they took",
        ),
        pytest.param([], void, [MARK], id="a mark, before anything"),
        pytest.param([MARK], void, [], id="one mark"),
        pytest.param([REQUESTED], void, [VOIDING], id="void what was only asked for"),
        pytest.param([REQUESTED, MUST_ACT], void, [VOIDING], id="void what waits for the customer"),
        pytest.param(HELD, void, [VOIDING], id="void what is held"),
        pytest.param([*HELD, CAPTURING], void, [VOIDING], id="void while a capture has no result"),
        pytest.param([*HELD, VOIDING], void, [], id="a void without result is taken up again"),
        pytest.param([REQUESTED, DECLINED], void, [], id="nothing to void"),
        pytest.param([*HELD, VOIDING, VOIDED], void, [], id="voided already"),
        pytest.param([*HELD, VOIDING], found("cancelled", True), [VOIDED], id="let go of"),
        pytest.param(HELD, found("cancelled", True), [let_go(1999, lapsed=True)], id="lapsed"),
        pytest.param([REQUESTED, VOIDING], found("cancelled"), [LEFT], id="nothing was held"),
        pytest.param(
            [REQUESTED, VOIDING], found("cancelled", True), [AUTHORIZED, VOIDED], id="held for a moment, and let go of"
        ),
        pytest.param([*HELD, VOIDING], found("captured"), [CAPTURED], id="the capture was faster"),
        pytest.param(
            PAID, void, [promised(1999, "ref_1", "order undone")], id="void what was taken: all of it goes back"
        ),
        pytest.param(
            [*PAID, promised(500), given_back(500)], void, [promised(1499, "ref_1", "order undone")], id="or the rest"
        ),
        pytest.param([*PAID, promised(1999)], void, [], id="or what has been promised already"),
        pytest.param(
            [*PAID, promised(1999, "ref_1"), failed(1999, "ref_1")],
            void,
            [promised(1999, "ref_1", "order undone")],
            id="what could not be given back is tried again",
        ),
        pytest.param([*PAID, promised(500), failed(500)], refund(500), [promised(500)], id="asked for anew"),
        pytest.param(PAID, refund(1999), [promised(1999)], id="a refund"),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a"), taken(1500, "shp_a")],
            refund(1500),
            [promised(1500)],
            id="a refund of a share",
        ),
        pytest.param([*PAID, promised(500)], refund(500), [], id="the same refund"),
        pytest.param([*PAID, promised(500)], refund(1499, "ref_b"), [promised(1499, "ref_b")], id="the last cent"),
        pytest.param(
            [*PAID, promised(1999), failed(1999)],
            refund(1, "ref_b"),
            [promised(1, "ref_b")],
            id="after one that failed",
        ),
        pytest.param([*PAID, promised(500)], refunded(), [given_back(500)], id="money went back"),
        pytest.param(
            [*PAID, promised(500)], refunded(cause="charge_already_refunded"), [failed(500)], id="money did not go back"
        ),
        pytest.param([*PAID, promised(500), given_back(500)], refunded(), [], id="money goes back once"),
        pytest.param(PAID, refunded("ref_z"), [], id="a refund that nobody promised"),
    ],
)
def test_it_happens(given, when, then):
    assert list(decide(when, decider.fold(given))) == then


@pytest.mark.parametrize(
    ("given", "when", "refusal"),
    [
        pytest.param([MARK], authorize, PaymentClosed, id="voided before it began"),
        pytest.param([REQUESTED, VOIDING], authorize, PaymentClosed, id="being voided"),
        pytest.param([*HELD, VOIDING, VOIDED], authorize, PaymentClosed, id="voided"),
        pytest.param([REQUESTED, DECLINED], authorize, PaymentDeclined, id="declined"),
        pytest.param([], capture, PaymentNotCapturable, id="nothing there"),
        pytest.param([MARK], capture, PaymentNotCapturable, id="a mark"),
        pytest.param([REQUESTED], capture, PaymentNotCapturable, id="nothing held yet"),
        pytest.param([*HELD, VOIDING], capture, PaymentNotCapturable, id="void before capture"),
        pytest.param([*HELD, CAPTURING, VOIDING], capture, PaymentNotCapturable, id="void overtook the capture"),
        pytest.param([REQUESTED, DECLINED], capture, PaymentNotCapturable, id="declined is not held"),
        pytest.param(IN_PARTS, share(2000, "shp_a"), PaymentNotCapturable, id="a share of more than is held"),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a"), taken(1500, "shp_a")],
            share(500, "shp_b"),
            PaymentNotCapturable,
            id="a share of more than is left",
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a"), taken(1500, "shp_a"), let_go(499)],
            share(499, "shp_b"),
            PaymentNotCapturable,
            id="a share of what was let go of",
        ),
        pytest.param(
            [*IN_PARTS, taking(1500, "shp_a"), taken(1500, "shp_a")],
            refund(1501),
            RefundExceedsCaptured,
            id="what is still held is not refunded",
        ),
        pytest.param(
            [*PAID, promised(500), promised(1499, "ref_1"), given_back(1499, "ref_1"), failed(500)],
            void,
            RefundRefused,
            id="it cannot be given back",
        ),
        pytest.param(PAID, refund(2000), RefundExceedsCaptured, id="more than was taken"),
        pytest.param([*PAID, promised(1999)], refund(1, "ref_b"), RefundExceedsCaptured, id="a promise counts"),
        pytest.param(HELD, refund(1), RefundExceedsCaptured, id="what is held is not refunded"),
        pytest.param(PAID, refund(1, currency="USD"), Invalid, id="another currency"),
        pytest.param([], refund(1), NotFound, id="no payment to refund"),
        pytest.param([MARK], found("authorized"), NotFound, id="no payment to know about"),
    ],
)
def test_it_is_refused(given, when, refusal):
    with pytest.raises(refusal):
        decide(when, decider.fold(given))


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ([REQUESTED], "authorizing"),
        ([REQUESTED, DOUBTED], "unknown"),
        ([REQUESTED, DOUBTED, VOIDING], "unknown"),
        ([REQUESTED, DOUBTED, AUTHORIZED], "authorized"),
        ([REQUESTED, MUST_ACT], "requires_action"),
        ([REQUESTED, DECLINED], "declined"),
        ([*HELD, CAPTURING], "authorized"),
        ([*HELD, CAPTURING, DOUBTED], "unknown"),
        ([*HELD, CAPTURING, DOUBTED, CAPTURED], "captured"),
        ([*HELD, VOIDING, VOIDED], "voided"),
        ([*IN_PARTS, taking(1500, "shp_a"), taken(1500, "shp_a")], "authorized"),
        ([*IN_PARTS, taken(1500, "shp_a"), let_go(499)], "captured"),
        ([*IN_PARTS, taken(1500, "shp_a"), promised(1500), given_back(1500)], "partially_refunded"),
        ([*PAID, promised(500)], "captured"),
        ([*PAID, promised(500), given_back(500)], "partially_refunded"),
        ([*PAID, promised(1999), given_back(1999)], "refunded"),
    ],
)
def test_the_status_that_clients_see(given, status):
    assert decider.fold(given).status == status


ANYTHING = some.sampled_from(
    [
        *(authorize, capture, void, doubt, refund(700, "ref_a"), refund(700, "ref_b"), refund(700, "ref_c")),
        *(refunded("ref_a"), refunded("ref_b", "no"), refunded("ref_c"), refunded("ref_1")),
        *(found(standing) for standing in ("unconfirmed", "action_required", "authorized", "captured", "declined")),
        *(found("cancelled", held, told=True) for held in (True, False)),
        *(found(standing, told=True) for standing in ("authorized", "declined")),
        *(share(1500, "shp_a"), share(499, "shp_b"), share(900, "shp_c", final=True), share(1000, None)),
        *(found("authorized", shp_a=1500), found("captured", shp_a=1500), found("captured", shp_a=1500, shp_b=499)),
        *(found("authorized", captured=900, shp_c=900), found("authorized", captured=300)),
    ]
)


@settings(max_examples=300, deadline=None)
@for_all(some.lists(ANYTHING, max_size=25))
def test_whatever_is_asked_and_found_the_money_adds_up(commands):
    state, events = None, []
    for command in commands:
        try:
            happened = decide(command, state)
        except DomainError:
            continue
        events += happened
        state = decider.fold(events)
    postings = [posting for event in events for posting in getattr(event, "postings", ())]
    assert all(sum(p.amount.amount for p in getattr(event, "postings", ())) == 0 for event in events)
    assert [PAYMENT_EVENTS.validate_json(event.model_dump_json()) for event in events] == events
    if isinstance(state, Payment):
        ledger = {account: money for (account, _), money in balances(postings).items()}
        assert state.held.amount >= 0
        assert state.held == ledger.get("holds", NOTHING)
        assert state.captured - state.refunded == ledger.get("provider", NOTHING)
        assert 0 <= state.refundable.amount <= state.captured.amount - state.refunded.amount
        assert state.authorized.amount in (0, 1999)
        shares = [event.shipment_id for event in events if isinstance(event, PaymentCaptured) and event.shipment_id]
        assert len(shares) == len(set(shares))
        for movement in (PaymentAuthorized, PaymentVoided):
            assert sum(isinstance(event, movement) for event in events) <= 1
