"""The life of a payment intent (https://docs.stripe.com/payments/paymentintents/lifecycle).

requires_payment_method ─▶ requires_confirmation ─▶ requires_action ─▶ requires_capture ─▶ succeeded
          ▲                                               │                  │
          └───────────── declined, or not authenticated ──┘                  └─▶ canceled (from all but succeeded)
"""

import time
from collections import deque
from dataclasses import replace

from sandbox.request import Json
from sandbox.stripe.account import Account
from sandbox.stripe.cards import CARDS, GENERIC_DECLINE, Card, authentication_failure, failure
from sandbox.stripe.charges import book, open_charge
from sandbox.stripe.errors import CardError, InvalidParameter, NotFound, StripeError, UnexpectedState
from sandbox.stripe.form import amount, boolean, check_names, metadata, one_of, required

KEPT = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "shipping", "customer")
IGNORED = ("automatic_payment_methods", "error_on_requires_action", "off_session", "use_stripe_sdk")
REQUIRED = ("amount", "currency")
CHOSEN = ("capture_method", "confirmation_method", "payment_method_options", "payment_method_types")
CREATE = frozenset(
    (*REQUIRED, *CHOSEN, "confirm", "metadata", "payment_method", "return_url", "expand", *KEPT, *IGNORED)
)
CONFIRM = frozenset(("payment_method", "return_url", "capture_method", "expand", *IGNORED))
CAPTURE = frozenset(("amount_to_capture", "final_capture", "metadata", "expand"))
CANCEL = frozenset(("cancellation_reason", "expand"))

HOLD = 7 * 24 * 3_600  # seconds: "by default, an authorization is valid for 7 days"
CAPTURE_METHODS = ("manual", "automatic", "automatic_async")
REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")


class PaymentIntents:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._holds: deque[tuple[int, str]] = deque()  # until when; the oldest first

    def get(self, intent_id: str, param: str = "intent") -> Json:
        if intent_id not in self._account.intents:
            raise NotFound("payment_intent", intent_id, param)
        return self._account.intents[intent_id]

    def create(self, params: Json) -> Json:
        check_names(params, CREATE)
        confirm = boolean(params, "confirm", False)
        intent = self._opened(params)
        if params.get("payment_method"):
            _attach(intent, required(params, "payment_method"))
        elif confirm:
            raise InvalidParameter("payment_method", "You cannot confirm this PaymentIntent without a payment method.")
        self._account.intents[intent["id"]] = intent
        self._account.emit("payment_intent.created", intent)
        return self._attempt(intent, params) if confirm else intent

    def _opened(self, params: Json) -> Json:
        required(params, "amount")
        currency = required(params, "currency").lower()
        if len(currency) != 3 or not currency.isalpha() or not currency.isascii():
            raise InvalidParameter("currency", f"Invalid currency: {currency}.")
        capture_method = one_of(params, "capture_method", CAPTURE_METHODS, "automatic_async")
        asked, labels = amount(params, "amount"), metadata(params)
        intent_id = self._account.ids.new("pi")
        return {
            "id": intent_id,
            "object": "payment_intent",
            "amount": asked,
            "amount_capturable": 0,
            "amount_received": 0,
            "automatic_payment_methods": params.get("automatic_payment_methods"),
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": capture_method,
            "client_secret": f"{intent_id}_secret_sandbox",
            "confirmation_method": params.get("confirmation_method", "automatic"),
            "created": int(time.time()),
            "currency": currency,
            **{name: params.get(name) for name in KEPT},
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": labels,
            "next_action": None,
            "payment_method": None,
            "payment_method_options": params.get("payment_method_options", {}),
            "payment_method_types": params.get("payment_method_types", ["card"]),
            "processing": None,
            "status": "requires_payment_method",
        }

    def confirm(self, intent: Json, params: Json) -> Json:
        check_names(params, CONFIRM)
        if intent["status"] not in CONFIRMABLE:
            raise UnexpectedState(_refusal("This PaymentIntent could not be confirmed", intent, CONFIRMABLE), intent)
        if params.get("payment_method"):
            _attach(intent, required(params, "payment_method"))
        if intent["payment_method"] is None:
            message = "You cannot confirm this PaymentIntent because it's missing a payment method."
            raise UnexpectedState(message, intent)
        return self._attempt(intent, params)

    def _attempt(self, intent: Json, params: Json) -> Json:
        card = CARDS[intent["payment_method"]]
        if self._account.faults.take("authorize", "decline"):
            card = replace(GENERIC_DECLINE, brand=card.brand)
        if not card.challenge:
            return self._charge(intent, card)
        authenticate = f"{self._account.public_url}/_local/sandbox/stripe/authenticate/{intent['id']}"
        redirect = {"return_url": params.get("return_url"), "url": authenticate}
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": redirect}
        intent["status"] = "requires_action"
        self._account.emit("payment_intent.requires_action", intent)
        return intent

    def authenticate(self, intent: Json, passed: bool) -> Json:
        """The customer's answer at the 3-D Secure page. A decline after it shows in the intent, and raises nothing."""
        if intent["status"] != "requires_action":
            raise UnexpectedState(_refusal("There is nothing to authenticate", intent, ("requires_action",)), intent)
        token = intent["payment_method"]
        if not passed:
            self._failed(intent, authentication_failure(token))
            return intent
        try:
            return self._charge(intent, CARDS[token])
        except CardError:
            return intent

    def _charge(self, intent: Json, card: Card) -> Json:
        charge = open_charge(self._account, intent, card)
        if card.code:
            declined = failure(intent["payment_method"], card, charge["id"])
            self._failed(intent, declined)
            raise CardError(declined, intent)
        held = intent["amount"]
        self._holds.append((int(time.time()) + HOLD, intent["id"]))
        intent.update(status="requires_capture", amount_capturable=held, next_action=None, last_payment_error=None)
        self._account.record("authorize", intent, held)
        if intent["capture_method"] == "manual":
            self._account.emit("payment_intent.amount_capturable_updated", intent)
            return intent
        return self._take(intent, held, final=True)

    def _failed(self, intent: Json, error: Json) -> None:
        intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=error)
        self._account.emit("payment_intent.payment_failed", intent)

    def capture(self, intent: Json, params: Json) -> Json:
        check_names(params, CAPTURE)
        final, labels = boolean(params, "final_capture", True), metadata(params)
        releases = final and intent["amount_received"] > 0  # the last of several captures may take nothing
        asked = amount(params, "amount_to_capture", least=0 if releases else 1)
        if intent["status"] != "requires_capture":
            what = "This PaymentIntent could not be captured"
            raise UnexpectedState(_refusal(what, intent, ("requires_capture",)), intent)
        held = intent["amount_capturable"]
        if asked is not None and asked > held:
            message = f"The requested capture amount is greater than the {held} that can be captured."
            more = {"param": "amount_to_capture", "payment_intent": intent}
            raise StripeError(400, "invalid_request_error", message, "amount_too_large", **more)
        if not final and not self._multicapture(intent):
            message = "final_capture=false needs payment_method_options[card][request_multicapture]."
            raise StripeError(400, "invalid_request_error", message, param="final_capture")
        intent["metadata"].update(labels)
        return self._take(intent, held if asked is None else asked, final)

    def _take(self, intent: Json, taken: int, final: bool) -> Json:
        """Capture; a final capture releases what it leaves (https://docs.stripe.com/payments/multicapture)."""
        charge, rest = self._charge_of(intent), intent["amount_capturable"] - taken
        final = final or not rest
        charge.update(captured=final, amount_captured=charge["amount_captured"] + taken)
        intent["amount_received"] += taken
        intent["amount_capturable"] = 0 if final else rest
        if taken:
            charge["balance_transaction"] = book(self._account, "charge", charge, taken)
            self._account.record("capture", intent, taken)
        if final and rest:
            self._account.record("void", intent, rest)
        if self._multicapture(intent):
            self._account.emit("charge.updated", charge)
            self._account.emit("payment_intent.amount_capturable_updated", intent)
        if final:
            intent["status"] = "succeeded"
            self._account.emit("charge.captured", charge)
            self._account.emit("payment_intent.succeeded", intent)
        return intent

    def _charge_of(self, intent: Json) -> Json:
        charge: Json = self._account.charges[intent["latest_charge"]]
        return charge

    def _multicapture(self, intent: Json) -> bool:
        card = self._charge_of(intent)["payment_method_details"]["card"]
        return bool(card["multicapture"]["status"] == "available")

    def cancel(self, intent: Json, params: Json) -> Json:
        check_names(params, CANCEL)
        reason = one_of(params, "cancellation_reason", REASONS)
        if intent["status"] not in CANCELABLE:
            raise UnexpectedState(_refusal("You cannot cancel this PaymentIntent", intent, CANCELABLE), intent)
        if intent["amount_received"]:
            # Stripe's pages name one way to end a partly captured intent, a last capture, so this is the only one here.
            raise UnexpectedState("You cannot cancel this PaymentIntent because it has been captured in part.", intent)
        return self._cancel(intent, reason)

    def _cancel(self, intent: Json, reason: str | None) -> Json:
        if held := intent["amount_capturable"]:
            self._account.record("void", intent, held)
        now = int(time.time())
        intent.update(status="canceled", canceled_at=now, cancellation_reason=reason)
        intent.update(amount_capturable=0, next_action=None)
        self._account.emit("payment_intent.canceled", intent)
        return intent

    def next_lapse(self) -> float | None:
        """When the oldest hold ends by itself, if there is one."""
        while self._holds and self._status(self._holds[0][1]) != "requires_capture":
            self._holds.popleft()
        return self._holds[0][0] if self._holds else None

    def _status(self, intent_id: str) -> str | None:
        intent = self._account.intents.get(intent_id)
        return str(intent["status"]) if intent else None

    def lapse(self) -> None:
        """End the holds whose time is over: what was captured of one stays (https://docs.stripe.com/payments/multicapture)."""
        while (due := self.next_lapse()) is not None and due <= time.time():
            intent = self.get(self._holds.popleft()[1])
            if intent["amount_received"]:
                self._take(intent, 0, final=True)
            else:
                self._cancel(intent, "automatic")


def _attach(intent: Json, token: str) -> None:
    if token not in CARDS:
        raise NotFound("PaymentMethod", token, "payment_method", status=400)
    intent.update(payment_method=token, status="requires_confirmation")


def _refusal(what: str, intent: Json, allowed: tuple[str, ...]) -> str:
    return f"{what} because it has a status of {intent['status']}. This needs one of: {', '.join(allowed)}."
