"""What Stripe tells us unasked (https://docs.stripe.com/webhooks): whether it is Stripe, and what it is about.

Stripe-Signature: t=1714521600,v1=5257a869…,v1=…        v1 = HMAC-SHA256(secret, "{t}.{raw body}"), as hex
"""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from common.domain.errors import Malformed
from payment.errors import InvalidSignature
from payment.provider import Found
from payment.stripe import Intent

TOLERANCE = 300  # seconds

Topic = Literal["payment", "refunds", "dispute"]


class EventObject(BaseModel):
    object: dict[str, Any]


class Labels(BaseModel):
    payment_id: str


class GivenBack(BaseModel):
    """A charge, as far as its refunds go."""

    amount_refunded: int
    metadata: Labels


class StripeEvent(BaseModel):
    model_config = ConfigDict(strict=True)
    id: str
    type: str
    data: EventObject

    @property
    def topic(self) -> Topic | None:
        """None for what changes nothing here. That is the most of what Stripe has to tell."""
        family, _, fact = self.type.partition(".")
        match family:
            case "payment_intent":
                return "payment"
            case "charge" if fact.startswith("dispute."):
                return "dispute"
            case "refund" | "charge" if family == "refund" or fact.startswith("refund"):
                return "refunds"
        return None

    @property
    def reference(self) -> str | None:
        """The intent or the dispute that it is about."""
        named = self.data.object.get("payment_intent" if self.topic == "refunds" else "id")
        return named if isinstance(named, str) and named else None

    @property
    def given_back(self) -> tuple[str, int] | None:
        """Of which payment how much had been given back when the event was made, if it says so."""
        try:
            charge = GivenBack.model_validate(self.data.object)
        except ValidationError:
            return None
        return charge.metadata.payment_id, charge.amount_refunded

    @property
    def hint(self) -> Found | None:
        """How the payment stood when the event was made, if it says so. It may have moved on since."""
        try:
            return Intent.model_validate(self.data.object).found
        except ValidationError:
            return None


def read_event(body: bytes) -> StripeEvent:
    try:
        return StripeEvent.model_validate_json(body)
    except ValidationError as error:
        raise Malformed("This is no event of Stripe's.") from error


def verify(header: str, body: bytes, secret: str, at: datetime) -> None:
    """Raise InvalidSignature unless one of the signatures is ours, and was made about now."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    signatures = [value for name, _, value in parts if name == "v1"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdigit() and len(stamps[0]) < 12):
        raise InvalidSignature("The Stripe-Signature has no time.")
    expected = hmac.new(secret.encode(), stamps[0].encode() + b"." + body, sha256).hexdigest()
    if not any(hmac.compare_digest(expected.encode(), signature.encode()) for signature in signatures):
        raise InvalidSignature("The signature is not Stripe's.")
    if abs(at.timestamp() - int(stamps[0])) > TOLERANCE:
        raise InvalidSignature("The signature is too old.")
