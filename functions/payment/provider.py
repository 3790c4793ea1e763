"""The port to a payment provider: what we ask of it, and what it may say. stripe.py is its one adapter.

Every call raises ProviderDown (nothing was done) or OutcomeUnknown (ask `find` before deciding). Repeated with the
same payment, a call is the same call to the provider: its idempotency key derives from the payment's id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from common.domain.money import Money

Standing = Literal["unconfirmed", "action_required", "authorized", "captured", "cancelled", "declined"]


@dataclass(frozen=True)
class Found:
    """A payment as it stands at the provider."""

    payment_id: str
    reference: str  # the provider's id; "" if it refused to make one
    standing: Standing
    was_authorized: bool = False  # money was held, whatever became of it
    in_parts: bool = False  # it may be taken part by part
    captured: int = 0  # minor units, all captures together
    shares: Mapping[str, int] = field(default_factory=dict)  # of these, what was taken for which shipment
    redirect_url: str = ""
    decline_code: str = ""


@dataclass(frozen=True)
class Charge:
    """What the customer shall pay, and with what."""

    payment_id: str
    order_id: str
    amount: Money
    payment_method: str


@dataclass(frozen=True)
class Share:
    """What a capture takes: the share of a shipment, or of none, which there is but once."""

    shipment_id: str | None
    amount: Money
    closes: bool  # what it leaves is let go of; else it is held on


@dataclass(frozen=True)
class Promise:
    """Money to give back."""

    refund_id: str
    amount: Money
    attempt: int = 1  # what was refused may be tried again, and that is another call to the provider


@dataclass(frozen=True)
class Given:
    """A refund as it stands at the provider."""

    refund_id: str  # ours, or one made of the provider's if someone gave it by hand
    amount: int  # minor units
    failed: bool = False


@dataclass(frozen=True)
class FoundDispute:
    dispute_id: str
    reference: str
    amount: int  # minor units
    reason: str
    keeps_money: bool  # else the bank only inquires
    outcome: Literal["won", "lost"] | None = None  # until it is decided


class PaymentProvider(Protocol):
    def create(self, charge: Charge) -> Found:
        """Announce it; no money moves. Unconfirmed, or declined at once."""

    def find(self, reference: str) -> Found:
        """Raise NotFound if it knows no such payment."""

    def confirm(self, charge: Charge, reference: str) -> Found:
        """Hold the money."""

    def capture(self, payment_id: str, reference: str, share: Share) -> Found:
        """Take a share of what is held. It may turn out to be cancelled."""

    def cancel(self, payment_id: str, reference: str) -> Found:
        """Let go of what is held, and hold nothing later. It may turn out to be captured."""

    def release(self, payment_id: str, reference: str) -> Found:
        """Let go of what captures have left."""

    def refund(self, payment_id: str, reference: str, promise: Promise) -> str | None:
        """Give that much back, once per attempt of a refund id. Say why not, if it is refused."""

    def refunds(self, reference: str) -> Sequence[Given]:
        """All of a payment, the first one first."""

    def dispute(self, dispute_id: str) -> FoundDispute:
        """Raise NotFound if it knows no such dispute."""
