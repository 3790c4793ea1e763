"""The rules of a payment. Pure: no clock, no random ids, no AWS, no provider.

Refunds, given or promised, are never more than was captured. What the provider says (`RecordFinding`) moves a payment
forward only: old news, or news told twice, is no event.
"""

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from common.domain.decider import Decider
from common.domain.errors import Invalid, NotFound
from common.domain.money import Money
from payment import accounts, errors
from payment.commands import (
    AuthorizePayment,
    CapturePayment,
    PaymentCommand,
    RecordDispute,
    RecordDoubt,
    RecordFinding,
    RecordRefund,
    RecordRefunds,
    ReleaseHold,
    RequestRefund,
    VoidPayment,
    payment_of,
)
from payment.events import (
    AnyPaymentEvent,
    CaptureRequested,
    DisputeClosed,
    DisputeOpened,
    PaymentActionRequired,
    PaymentActionSettled,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentInDoubt,
    PaymentRefunded,
    PaymentRequested,
    PaymentVoided,
    RefundFailed,
    RefundRequested,
    VoidRequested,
)
from payment.provider import Found
from payment.state import OF_NOTHING, Closed, Payment, State, evolve, evolve_payment


def refund_of_void(payment_id: str) -> str:
    """A void that comes after the capture is one refund, however often it is asked for."""
    return f"ref_{payment_id.removeprefix('pay_')}"


def decide(command: PaymentCommand, payment: State) -> Sequence[AnyPaymentEvent]:
    """Return what happens, or [] if it already has, or raise if it may not."""
    match command:
        case AuthorizePayment():
            return _authorize(command, payment)
        case CapturePayment():
            return _capture(command, payment)
        case VoidPayment():
            return _void(command, payment)
    if not isinstance(payment, Payment):
        raise NotFound("There is no such payment.")
    match command:
        case RecordFinding():
            return _record(command, payment)
        case RecordDoubt():
            doubt = PaymentInDoubt(**_of(payment), provider_reference=command.reference, at=command.at)
            return [] if payment.in_doubt or payment.stage in ("captured", "voided", "declined") else [doubt]
        case ReleaseHold():
            waits = payment.stage == "authorized" and payment.captured.amount and not payment.voiding
            return [VoidRequested(**_of(payment), at=command.at)] if waits else []
        case RequestRefund():
            return _request_refund(command, payment)
        case RecordRefund():
            return _record_refund(command, payment)
        case RecordRefunds():
            return _record_refunds(command, payment)
        case RecordDispute():
            return _record_dispute(command, payment)
        case _:
            assert_never(command)


def _of(payment: Payment) -> dict[str, Any]:
    asked = payment.requested
    return {"payment_id": asked.payment_id, "order_id": asked.order_id, "customer_id": asked.customer_id}


def _authorize(command: AuthorizePayment, payment: State) -> list[AnyPaymentEvent]:
    if payment is None:
        return [PaymentRequested(payment_id=payment_of(command.order_id), **command.model_dump(exclude={"type"}))]
    if isinstance(payment, Closed) or payment.voiding or payment.stage == "voided":
        raise errors.PaymentClosed("The payment was voided.")
    if payment.stage == "declined":
        raise errors.PaymentDeclined(f"The payment was declined: {payment.decline_code}.")
    return []


def _capture(command: CapturePayment, payment: State) -> list[AnyPaymentEvent]:
    if not isinstance(payment, Payment):
        raise errors.PaymentNotCapturable("There is no payment.")
    if _was_taken(command, payment):
        return []
    if payment.stage != "authorized" or payment.voiding:
        raise errors.PaymentNotCapturable(f"The payment is {payment.status}.")
    share = command.amount if command.amount is not None and payment.in_parts else payment.held
    if payment.capturing or not share.amount:
        return []  # one at a time: what became of the one tells what the next may take
    if share.amount > payment.held.amount:
        raise errors.PaymentNotCapturable(f"Only {payment.held.text} is held.")
    closes = share == payment.held or (command.final and command.shipment_id is None)
    what = {"amount": share, "shipment_id": command.shipment_id, "closes": closes}
    return [CaptureRequested(**_of(payment), **what, at=command.at)]


def _was_taken(command: CapturePayment, payment: Payment) -> bool:
    """By itself, or with all the rest: by hand, or because the bank does not let us take it in parts."""
    if command.shipment_id and command.shipment_id in payment.shares:
        return True
    return payment.stage == "captured" and (command.shipment_id is None or not payment.voided.amount)


def _void(command: VoidPayment, payment: State) -> list[AnyPaymentEvent]:
    if payment is None:
        ids = {"payment_id": payment_of(command.order_id), "order_id": command.order_id}
        return [PaymentVoided(**ids, amount=OF_NOTHING, postings=(), at=command.at)]
    if isinstance(payment, Closed) or payment.stage in ("voided", "declined"):
        return []
    if payment.stage == "captured":
        return _give_back_the_rest(command, payment)
    return [] if payment.voiding else [VoidRequested(**_of(payment), at=command.at)]


def _give_back_the_rest(command: VoidPayment, payment: Payment) -> list[AnyPaymentEvent]:
    if payment.refundable.amount <= 0:
        return []
    refund_id = refund_of_void(payment.payment_id)
    if refund_id in payment.refunds and payment.refunds[refund_id].status != "failed":
        raise errors.RefundRefused("The provider has refused to give the money back.")
    what = {"refund_id": refund_id, "amount": payment.refundable, "reason": "order undone"}
    return [RefundRequested(**_of(payment), **what, at=command.at)]


def _record(command: RecordFinding, payment: Payment) -> list[AnyPaymentEvent]:
    found, at, of = command.found, command.at, _of(payment)
    if payment.reference and found.reference not in ("", payment.reference):
        return []  # that is another payment's
    before = payment
    events: list[AnyPaymentEvent] = []

    def happened(event: AnyPaymentEvent) -> None:
        nonlocal payment
        events.append(event)
        payment = evolve_payment(payment, event)

    open_ = payment.stage in ("requested", "action_required")
    if found.was_authorized and open_:
        amount = payment.requested.amount
        reference, postings = found.reference, accounts.authorization(amount)
        held = {"amount": amount, "in_parts": found.in_parts, "postings": postings}
        happened(PaymentAuthorized(**of, **held, provider_reference=reference, at=at))
    elif found.standing == "declined" and open_:
        happened(PaymentDeclined(**of, decline_code=found.decline_code, at=at))
    elif found.standing == "action_required" and payment.stage == "requested":
        where = {"redirect_url": found.redirect_url, "provider_reference": found.reference}
        happened(PaymentActionRequired(**of, **where, at=at))
    if command.told_by_provider and before.stage == "action_required" and events:
        outcome: Any = "authorized" if payment.stage == "authorized" else "declined"
        happened(PaymentActionSettled(**of, outcome=outcome, at=at))
    for shipment_id, amount in _new_shares(found, payment):
        what = {"shipment_id": shipment_id, "amount": amount, "postings": accounts.capture(amount)}
        happened(PaymentCaptured(**of, **what, at=at))
    over = found.standing == "cancelled" and payment.stage in ("requested", "action_required", "authorized")
    if over or (found.standing == "captured" and payment.stage == "authorized"):
        amount, lapsed = payment.held, before.stage == "authorized" and not before.lets_go
        happened(PaymentVoided(**of, amount=amount, postings=accounts.void(amount), lapsed=lapsed, at=at))
    return events


def _new_shares(found: Found, payment: Payment) -> Iterator[tuple[str | None, Money]]:
    """What was captured and is news. What was taken for no shipment that we know of was taken by hand, or at once."""
    if payment.stage != "authorized":
        return
    currency = payment.requested.amount.currency
    left = min(found.captured - payment.captured.amount, payment.held.amount)
    for shipment_id, amount in found.shares.items():
        if shipment_id not in payment.shares and 0 < amount <= left:
            left -= amount
            yield shipment_id, Money(amount=amount, currency=currency)
    if left > 0:
        yield None, Money(amount=left, currency=currency)


def _request_refund(command: RequestRefund, payment: Payment) -> list[AnyPaymentEvent]:
    before = payment.refunds.get(command.refund_id)
    if before and before.status != "failed":
        return []
    if command.amount.currency != payment.requested.amount.currency:
        raise Invalid(f"The payment is in {payment.requested.amount.currency}.", field="amount.currency")
    if command.amount.amount > payment.refundable.amount:
        raise errors.RefundExceedsCaptured(f"{payment.refundable.text} can be refunded.")
    return [RefundRequested(**_of(payment), **command.model_dump())]


def _record_refund(command: RecordRefund, payment: Payment) -> list[AnyPaymentEvent]:
    refund = payment.refunds.get(command.refund_id)
    if refund is None or refund.status != "pending":
        return []
    what = {**_of(payment), "refund_id": refund.refund_id, "amount": refund.amount, "at": command.at}
    if command.cause:
        return [RefundFailed(**what, cause=command.cause)]
    return [PaymentRefunded(**what, reason=refund.reason, postings=accounts.refund(refund.amount))]


def _record_refunds(command: RecordRefunds, payment: Payment) -> list[AnyPaymentEvent]:
    """What became of ours, and what was given by hand: that is more news than anyone here has promised."""
    of, at, currency = _of(payment), command.at, payment.requested.amount.currency
    events: list[AnyPaymentEvent] = []
    left = (payment.captured - payment.refunded).amount
    alive = {given.refund_id for given in command.given if not given.failed}
    for given in command.given:
        refund, amount = payment.refunds.get(given.refund_id), Money(amount=given.amount, currency=currency)
        what = {**of, "refund_id": given.refund_id, "amount": amount, "at": at}
        if refund and refund.status == "succeeded" and given.refund_id not in alive:
            events.append(RefundFailed(**what, cause="returned", postings=accounts.refund_came_back(amount)))
        elif not given.failed and (not refund or refund.status == "pending") and 0 < given.amount <= left:
            left -= given.amount
            reason = refund.reason if refund else "given at the provider"
            events.append(PaymentRefunded(**what, reason=reason, postings=accounts.refund(amount)))
    return events


def _record_dispute(command: RecordDispute, payment: Payment) -> list[AnyPaymentEvent]:
    found, known = command.found, payment.disputes.get(command.found.dispute_id)
    amount = Money(amount=found.amount, currency=payment.requested.amount.currency)
    what = {**_of(payment), "dispute_id": found.dispute_id, "amount": amount, "at": command.at}
    events: list[AnyPaymentEvent] = []
    if known is None:
        postings = accounts.dispute(amount) if found.keeps_money else ()
        events.append(DisputeOpened(**what, reason=found.reason, postings=postings))
    if found.outcome and known in (None, "open"):
        decided = accounts.dispute_won if found.outcome == "won" else accounts.dispute_lost
        postings = decided(amount) if found.keeps_money else ()
        events.append(DisputeClosed(**what, outcome=found.outcome, postings=postings))
    return events


decider: Decider[PaymentCommand, State, AnyPaymentEvent] = Decider(None, decide, evolve)
