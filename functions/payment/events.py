"""What has happened to a payment. Stored for ever: add fields with defaults, rename nothing.

A movement of money carries its ledger postings. `…Requested` is an intent, committed before the provider is called;
its result follows it, sooner or later.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.domain.ledger import Posting
from common.domain.message import Event
from common.domain.money import Money


class PaymentFact(Event):
    payment_id: str
    order_id: str
    customer_id: str


class PaymentRequested(PaymentFact):
    type: Literal["PaymentRequested"] = "PaymentRequested"
    amount: Money
    payment_method: str  # the provider's token, never a card
    provider: str = "stripe"


class PaymentActionRequired(PaymentFact):
    type: Literal["PaymentActionRequired"] = "PaymentActionRequired"
    redirect_url: str
    provider_reference: str


class PaymentActionSettled(PaymentFact):
    """The customer has acted, and the order can go on."""

    type: Literal["PaymentActionSettled"] = "PaymentActionSettled"
    outcome: Literal["authorized", "declined"]


class PaymentAuthorized(PaymentFact):
    type: Literal["PaymentAuthorized"] = "PaymentAuthorized"
    amount: Money
    provider_reference: str
    postings: tuple[Posting, ...]
    in_parts: bool = False  # the bank lets us take it part by part; else the first part takes all


class PaymentDeclined(PaymentFact):
    type: Literal["PaymentDeclined"] = "PaymentDeclined"
    decline_code: str


class PaymentInDoubt(PaymentFact):
    """A call's answer was lost, and so was the answer to the question what came of it."""

    type: Literal["PaymentInDoubt"] = "PaymentInDoubt"
    provider_reference: str


class CaptureRequested(PaymentFact):
    type: Literal["CaptureRequested"] = "CaptureRequested"
    amount: Money
    shipment_id: str | None = None  # whose share it is; None for all at once
    closes: bool = True  # what it leaves is let go of


class PaymentCaptured(PaymentFact):
    """Money was taken: all that was held, or the share of a shipment."""

    type: Literal["PaymentCaptured"] = "PaymentCaptured"
    amount: Money
    postings: tuple[Posting, ...]
    shipment_id: str | None = None


class VoidRequested(PaymentFact):
    type: Literal["VoidRequested"] = "VoidRequested"


class PaymentVoided(Event):
    """What was held, or what captures have left of it, is held no more: nothing, if it had not come to that.

    Alone in its stream it is a mark: the order was undone before its payment was asked for, which is refused now.
    """

    type: Literal["PaymentVoided"] = "PaymentVoided"
    payment_id: str
    order_id: str
    customer_id: str | None = None
    amount: Money
    postings: tuple[Posting, ...]
    lapsed: bool = False  # the provider let go of it, and nobody here had asked for that


class RefundRequested(PaymentFact):
    """A promise to give money back, or to try again after it failed."""

    type: Literal["RefundRequested"] = "RefundRequested"
    refund_id: str
    amount: Money
    reason: str


class PaymentRefunded(PaymentFact):
    type: Literal["PaymentRefunded"] = "PaymentRefunded"
    refund_id: str
    amount: Money
    reason: str
    postings: tuple[Posting, ...]


class RefundFailed(PaymentFact):
    """The money was not given, or it came back: the bank did not take it."""

    type: Literal["RefundFailed"] = "RefundFailed"
    refund_id: str
    amount: Money
    cause: str
    postings: tuple[Posting, ...] = ()  # none if it had not been given


class DisputeOpened(PaymentFact):
    """The customer's bank wants the money back. The provider keeps it until it is decided, unless it only inquires."""

    type: Literal["DisputeOpened"] = "DisputeOpened"
    dispute_id: str  # the provider's
    amount: Money
    reason: str
    postings: tuple[Posting, ...]


class DisputeClosed(PaymentFact):
    type: Literal["DisputeClosed"] = "DisputeClosed"
    dispute_id: str
    amount: Money
    outcome: Literal["won", "lost"]
    postings: tuple[Posting, ...]


AnyPaymentEvent = (
    PaymentRequested
    | PaymentActionRequired
    | PaymentActionSettled
    | PaymentAuthorized
    | PaymentDeclined
    | PaymentInDoubt
    | CaptureRequested
    | PaymentCaptured
    | VoidRequested
    | PaymentVoided
    | RefundRequested
    | PaymentRefunded
    | RefundFailed
    | DisputeOpened
    | DisputeClosed
)
PaymentEvent = Annotated[AnyPaymentEvent, Field(discriminator="type")]
PAYMENT_EVENTS: TypeAdapter[AnyPaymentEvent] = TypeAdapter(PaymentEvent)
