"""A payment as its events have made it.

    requested ─▶ action_required ─▶ authorized ─▶ captured (─▶ refunds)
        └──────────────┴─────────────────┴──▶ voided            the first two ─▶ declined as well

It is authorized as long as anything is held. At any time authorized = captured + voided + held.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, assert_never

from common.domain.money import Money, total, zero
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
from payment.provider import Share

Stage = Literal["requested", "action_required", "authorized", "captured", "voided", "declined"]
Status = Literal[
    "authorizing",
    "requires_action",
    "authorized",
    "captured",
    "voided",
    "declined",
    "partially_refunded",
    "refunded",
    "unknown",
]
OF_NOTHING = zero("EUR")  # the mark of what was never asked for has no currency of its own


@dataclass(frozen=True)
class Closed:
    """Undone before it began."""


@dataclass(frozen=True)
class Refund:
    refund_id: str
    amount: Money
    reason: str
    requested_at: datetime
    status: Literal["pending", "succeeded", "failed"] = "pending"
    attempt: int = 1


@dataclass(frozen=True)
class Payment:
    requested: PaymentRequested
    updated_at: datetime
    stage: Stage = "requested"
    reference: str = ""  # the provider's id, once we know it
    redirect_url: str = ""
    decline_code: str = ""
    in_parts: bool = False  # it may be taken part by part
    capturing: Share | None = None  # a capture was begun, and its result is not known
    voiding: bool = False  # so was a void
    in_doubt: bool = False  # what was begun was asked about, in vain
    authorized: Money = OF_NOTHING
    captured: Money = OF_NOTHING
    voided: Money = OF_NOTHING
    shares: dict[str | None, Money] = field(default_factory=dict)  # what was captured, by shipment
    refunds: dict[str, Refund] = field(default_factory=dict)
    disputes: dict[str, Literal["open", "won", "lost"]] = field(default_factory=dict)

    @property
    def payment_id(self) -> str:
        return self.requested.payment_id

    @property
    def pending_refunds(self) -> list[Refund]:
        return [refund for refund in self.refunds.values() if refund.status == "pending"]

    @property
    def lets_go(self) -> bool:
        """We have asked for what is held to be held no more."""
        return self.voiding or (self.capturing is not None and self.capturing.closes)

    @property
    def unfinished(self) -> bool:
        """Something was begun at the provider, and its result is not known."""
        begun = self.stage == "requested" or self.capturing or self.voiding or self.in_doubt
        return bool(begun or self.pending_refunds)

    @property
    def status(self) -> Status:
        if self.in_doubt:
            return "unknown"
        match self.stage:
            case "requested":
                return "authorizing"
            case "action_required":
                return "requires_action"
            case "captured" if self.refunded.amount and self.refunded == self.captured:
                return "refunded"
            case "authorized" | "captured" if self.refunded.amount:
                return "partially_refunded"
            case stage:
                return stage

    @property
    def held(self) -> Money:
        return self.authorized - self.captured - self.voided

    @property
    def refunded(self) -> Money:
        return self._sum_of("succeeded")

    @property
    def refundable(self) -> Money:
        """What no refund has given or promised."""
        return self.captured - self.refunded - self._sum_of("pending")

    def _sum_of(self, status: str) -> Money:
        amounts = (refund.amount for refund in self.refunds.values() if refund.status == status)
        return total(amounts, self.requested.amount.currency)


State = Payment | Closed | None


def evolve(payment: State, event: AnyPaymentEvent) -> State:
    if isinstance(event, PaymentRequested):
        nothing = zero(event.amount.currency)
        return Payment(event, event.at, authorized=nothing, captured=nothing, voided=nothing)
    return evolve_payment(payment, event) if isinstance(payment, Payment) else Closed()


def evolve_payment(payment: Payment, event: AnyPaymentEvent) -> Payment:
    payment = replace(payment, updated_at=event.at)
    match event:
        case PaymentRequested() | PaymentActionSettled():
            return payment
        case PaymentInDoubt():
            return replace(payment, in_doubt=True, reference=event.provider_reference)
        case CaptureRequested():
            return replace(payment, capturing=Share(event.shipment_id, event.amount, event.closes))
        case VoidRequested():
            return replace(payment, voiding=True)
        case RefundRequested():
            before = payment.refunds.get(event.refund_id)
            attempt = before.attempt + 1 if before else 1
            promised = Refund(event.refund_id, event.amount, event.reason, event.at, attempt=attempt)
            return replace(payment, refunds=payment.refunds | {event.refund_id: promised})
        case PaymentRefunded():
            by_hand = Refund(event.refund_id, event.amount, event.reason, event.at)  # if nobody has promised it
            refund = replace(payment.refunds.get(event.refund_id, by_hand), status="succeeded")
            return replace(payment, refunds=payment.refunds | {event.refund_id: refund})
        case RefundFailed():
            refund = replace(payment.refunds[event.refund_id], status="failed")
            return replace(payment, refunds=payment.refunds | {event.refund_id: refund})
        case DisputeOpened():
            return replace(payment, disputes=payment.disputes | {event.dispute_id: "open"})
        case DisputeClosed():
            return replace(payment, disputes=payment.disputes | {event.dispute_id: event.outcome})
        case PaymentActionRequired():
            where = event.redirect_url
            return replace(_known(payment, event.provider_reference), stage="action_required", redirect_url=where)
        case PaymentAuthorized():
            payment = replace(_known(payment, event.provider_reference), in_parts=event.in_parts)
            return replace(payment, stage="authorized", authorized=event.amount)
        case PaymentDeclined():
            return replace(_ended(payment), stage="declined", decline_code=event.decline_code)
        case PaymentCaptured():
            return _captured(payment, event)
        case PaymentVoided():
            stage: Stage = "captured" if payment.captured.amount else "voided"
            return replace(_ended(payment), stage=stage, voided=payment.voided + event.amount)
        case _:
            assert_never(event)


def _known(payment: Payment, reference: str) -> Payment:
    return replace(payment, reference=reference, in_doubt=False)


def _captured(payment: Payment, event: PaymentCaptured) -> Payment:
    share = payment.shares.get(event.shipment_id, zero(event.amount.currency)) + event.amount
    shares = payment.shares | {event.shipment_id: share}
    payment = replace(payment, captured=payment.captured + event.amount, shares=shares)
    if not payment.held.amount:
        return replace(_ended(payment), stage="captured")
    ours = payment.capturing and payment.capturing.shipment_id == event.shipment_id
    return replace(payment, capturing=None, in_doubt=False) if ours else payment


def _ended(payment: Payment) -> Payment:
    return replace(payment, capturing=None, voiding=False, in_doubt=False)
