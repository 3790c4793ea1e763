"""The rules of a payment. Pure: no clock, no random ids, no AWS, no provider.

Refunds, given or promised, are never more than was captured. What the provider says (`RecordFinding`) moves a payment
forward only: old news, or news told twice, is no event.
"""

from collections.abc import Sequence
from typing import Any, assert_never

from common.domain.decider import Decider
from common.domain.errors import Invalid, NotFound
from payment import accounts, errors
from payment.commands import (
    AuthorizePayment,
    CapturePayment,
    PaymentCommand,
    RecordDoubt,
    RecordFinding,
    RecordRefund,
    RequestRefund,
    VoidPayment,
    payment_of,
)
from payment.events import (
    AnyPaymentEvent,
    CaptureRequested,
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
        case RequestRefund():
            return _request_refund(command, payment)
        case RecordRefund():
            return _record_refund(command, payment)
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
    if payment.stage == "captured":
        return []
    if payment.stage != "authorized" or payment.voiding:
        raise errors.PaymentNotCapturable(f"The payment is {payment.status}.")
    return [] if payment.capturing else [CaptureRequested(**_of(payment), amount=payment.held, at=command.at)]


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
    if not payment.refundable.amount:
        return []
    refund_id = refund_of_void(payment.payment_id)
    if refund_id in payment.refunds:
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
        happened(PaymentAuthorized(**of, amount=amount, provider_reference=reference, postings=postings, at=at))
    elif found.standing == "declined" and open_:
        happened(PaymentDeclined(**of, decline_code=found.decline_code, at=at))
    elif found.standing == "action_required" and payment.stage == "requested":
        where = {"redirect_url": found.redirect_url, "provider_reference": found.reference}
        happened(PaymentActionRequired(**of, **where, at=at))
    if command.told_by_provider and before.stage == "action_required" and events:
        outcome: Any = "authorized" if payment.stage == "authorized" else "declined"
        happened(PaymentActionSettled(**of, outcome=outcome, at=at))
    if found.standing == "captured" and payment.stage == "authorized":
        amount = payment.held
        happened(PaymentCaptured(**of, amount=amount, postings=accounts.capture(amount), at=at))
    if found.standing == "cancelled" and payment.stage in ("requested", "action_required", "authorized"):
        amount = payment.held
        happened(PaymentVoided(**of, amount=amount, postings=accounts.void(amount), at=at))
    return events


def _request_refund(command: RequestRefund, payment: Payment) -> list[AnyPaymentEvent]:
    if command.refund_id in payment.refunds:
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


decider: Decider[PaymentCommand, State, AnyPaymentEvent] = Decider(None, decide, evolve)
