"""Stripe's test tokens (https://docs.stripe.com/testing), as far as the sandbox knows them."""

from dataclasses import dataclass

from sandbox.request import Json


@dataclass(frozen=True)
class Card:
    last4: str
    code: str | None = None  # the error code, if the bank says no
    decline_code: str | None = None
    challenge: bool = False  # 3-D Secure: the customer must act first
    brand: str = "visa"
    multicapture: bool = True  # the network allows it, to shops in Europe

    def details(self) -> Json:
        return {"type": "card", "card": {"brand": self.brand, "last4": self.last4, "country": "US"}}

    def charged(self, multicapture: bool) -> Json:
        """As `payment_method_details` of a charge."""
        details = self.details()
        details["card"]["multicapture"] = {"status": "available" if multicapture else "unavailable"}
        return details


GENERIC_DECLINE = Card("0002", "card_declined", "generic_decline")

CARDS = {
    "pm_card_visa": Card("4242"),
    "pm_card_mastercard": Card("4444", brand="mastercard"),
    "pm_card_amex": Card("0005", brand="amex"),
    "pm_card_jcb": Card("0505", brand="jcb", multicapture=False),
    "pm_card_chargeDeclined": GENERIC_DECLINE,
    "pm_card_visa_chargeDeclined": GENERIC_DECLINE,
    "pm_card_visa_chargeDeclinedInsufficientFunds": Card("9995", "card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedInsufficientFunds": Card("9995", "card_declined", "insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": Card("9987", "card_declined", "lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": Card("9979", "card_declined", "stolen_card"),
    "pm_card_chargeDeclinedExpiredCard": Card("0069", "expired_card", "expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": Card("0127", "incorrect_cvc", "incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": Card("0119", "processing_error", "processing_error"),
    "pm_card_threeDSecure2Required": Card("3220", challenge=True),
    "pm_card_threeDSecureRequired": Card("3063", challenge=True),
    "pm_card_threeDSecureRequiredChargeDeclined": Card("1629", "card_declined", "generic_decline", challenge=True),
}

MESSAGES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "stolen_card": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}


def payment_method(token: str) -> Json:
    return {"id": token, "object": "payment_method", "livemode": False, **CARDS[token].details()}


def failure(token: str, card: Card, charge_id: str) -> Json:
    """What Stripe keeps as `last_payment_error` and answers with 402."""
    decline_code = card.decline_code or "generic_decline"
    declined = {"decline_code": decline_code} if card.code == "card_declined" else {}
    return {
        "type": "card_error",
        "code": card.code,
        **declined,
        "charge": charge_id,
        "message": MESSAGES[decline_code],
        "payment_method": payment_method(token),
    }


def authentication_failure(token: str) -> Json:
    return {
        "type": "invalid_request_error",
        "code": "payment_intent_authentication_failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "payment_method": payment_method(token),
    }
