"""Disputes: what happens when a customer's bank wants the money back (https://docs.stripe.com/disputes)."""

import time

from sandbox.request import Json
from sandbox.stripe.account import Account
from sandbox.stripe.charges import book
from sandbox.stripe.errors import NotFound


class Disputes:
    def __init__(self, account: Account) -> None:
        self._account = account

    def get(self, dispute_id: str) -> Json:
        if dispute_id not in self._account.disputes:
            raise NotFound("dispute", dispute_id)
        return self._account.disputes[dispute_id]

    def open(self, intent: Json, reason: str = "fraudulent", inquiry: bool = False) -> Json:
        """An inquiry leaves the money where it is."""
        charge = self._account.charges[intent["latest_charge"]]
        dispute: Json = {
            "id": self._account.ids.new("dp"),
            "object": "dispute",
            "amount": charge["amount_captured"],
            "balance_transactions": [],
            "charge": charge["id"],
            "created": int(time.time()),
            "currency": charge["currency"],
            "is_charge_refundable": inquiry,
            "livemode": False,
            "metadata": {},
            "payment_intent": intent["id"],
            "reason": reason,
            "status": "warning_needs_response" if inquiry else "needs_response",
        }
        charge["disputed"] = not inquiry
        self._account.disputes[dispute["id"]] = dispute
        if not inquiry:
            self._move(dispute, -dispute["amount"])
        self._account.emit("charge.dispute.created", dispute)
        return dispute

    def close(self, dispute: Json, won: bool) -> None:
        warned = dispute["status"].startswith("warning")
        dispute["status"] = "warning_closed" if warned else "won" if won else "lost"
        if won and not warned:
            self._move(dispute, dispute["amount"])
        self._account.emit("charge.dispute.closed", dispute)

    def _move(self, dispute: Json, amount: int) -> None:
        transaction = book(self._account, "adjustment", dispute, amount)
        dispute["balance_transactions"].append(self._account.balance_transactions[transaction])
