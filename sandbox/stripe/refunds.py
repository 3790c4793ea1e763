"""Refunds: money back, together never more than was captured."""

import time

from sandbox.request import Json
from sandbox.stripe.account import Account
from sandbox.stripe.charges import book
from sandbox.stripe.errors import InvalidParameter, NotFound, StripeError
from sandbox.stripe.form import amount, check_names, metadata, one_of

CREATE = frozenset(("payment_intent", "charge", "amount", "metadata", "reason", "expand"))
REASONS = ("duplicate", "fraudulent", "requested_by_customer")


class Refunds:
    def __init__(self, account: Account) -> None:
        self._account = account

    def get(self, refund_id: str) -> Json:
        if refund_id not in self._account.refunds:
            raise NotFound("refund", refund_id)
        return self._account.refunds[refund_id]

    def create(self, params: Json) -> Json:
        check_names(params, CREATE)
        asked, labels, reason = amount(params, "amount"), metadata(params), one_of(params, "reason", REASONS)
        charge = self._captured_charge(params)
        if charge["disputed"]:
            message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
            raise StripeError(400, "invalid_request_error", message, "charge_disputed", charge=charge["id"])
        left = charge["amount_captured"] - charge["amount_refunded"]
        if not left:
            message = f"Charge {charge['id']} has already been refunded."
            raise StripeError(400, "invalid_request_error", message, "charge_already_refunded", charge=charge["id"])
        given = left if asked is None else asked
        if given > left:  # Stripe sends no code with this one
            message = f"Refund amount ({given}) is greater than unrefunded amount on charge ({left})"
            raise StripeError(400, "invalid_request_error", message, param="amount")
        return self._given(charge, given, labels, reason)

    def _captured_charge(self, params: Json) -> Json:
        intent_id, charge_id = params.get("payment_intent"), params.get("charge")
        if not intent_id and not charge_id:
            message = "One of the following params should be provided for this request: payment_intent or charge."
            raise InvalidParameter("payment_intent", message, "parameter_missing")
        if intent_id and intent_id not in self._account.intents:
            raise NotFound("payment_intent", intent_id, "payment_intent")
        wanted = self._account.intents[intent_id]["latest_charge"] if intent_id else charge_id
        charge = self._account.charges.get(wanted or "")
        if charge is None and not intent_id:
            raise NotFound("charge", str(charge_id), "charge")
        if charge is None or not charge["amount_captured"]:
            message = f"This PaymentIntent ({intent_id or '?'}) does not have a successful charge to refund."
            raise StripeError(400, "invalid_request_error", message, param="payment_intent")
        return charge

    def _given(self, charge: Json, given: int, labels: dict[str, str], reason: str | None) -> Json:
        intent = self._account.intents[charge["payment_intent"]]
        declined = self._account.faults.take("refund", "decline")
        refund: Json = {
            "id": self._account.ids.new("re"),
            "object": "refund",
            "amount": given,
            "balance_transaction": None,
            "charge": charge["id"],
            "created": int(time.time()),
            "currency": charge["currency"],
            "metadata": labels,
            "payment_intent": intent["id"],
            "reason": reason,
            "receipt_number": None,
            "status": "failed" if declined else "succeeded",
        }
        if declined:
            refund["failure_reason"] = "declined"
            self._account.refunds[refund["id"]] = refund
            self._account.emit("refund.created", refund)
            self._account.emit("refund.failed", refund)
            return refund
        refund["balance_transaction"] = book(self._account, "refund", refund, -given)
        self._account.refunds[refund["id"]] = refund
        charge["amount_refunded"] += given
        charge["refunded"] = charge["captured"] and charge["amount_refunded"] == charge["amount_captured"]
        self._account.record("refund", intent, given, refund)
        self._account.emit("refund.created", refund)
        self._account.emit("charge.refunded", charge)
        return refund

    def bounce(self, refund: Json) -> None:
        """The bank does not take it, days later: the money is back with us (https://docs.stripe.com/refunds#failed)."""
        charge = self._account.charges[refund["charge"]]
        refund.update(status="failed", failure_reason="lost_or_stolen_card")
        refund["failure_balance_transaction"] = book(self._account, "refund_failure", refund, refund["amount"])
        charge.update(amount_refunded=charge["amount_refunded"] - refund["amount"], refunded=False)
        self._account.record("refund", self._account.intents[refund["payment_intent"]], -refund["amount"], refund)
        self._account.emit("refund.failed", refund)
        self._account.emit("charge.refund.updated", refund)
