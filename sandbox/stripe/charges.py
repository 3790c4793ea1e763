"""Charges and their balance transactions: one attempt each to take the money of an intent."""

import time

from sandbox.request import Json
from sandbox.stripe.account import Account
from sandbox.stripe.cards import Card

FEE_BASIS_POINTS, FEE_FIXED = 150, 25  # Stripe's list price for European cards: 1.5 % and 25 cents


def open_charge(account: Account, intent: Json, card: Card) -> Json:
    """An attempt with this card, refused or held; nothing is captured yet."""
    declined = card.code is not None
    asked_for = intent["payment_method_options"].get("card", {}).get("request_multicapture") == "if_available"
    charge: Json = {
        "id": account.ids.new("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "captured": False,
        "created": int(time.time()),
        "currency": intent["currency"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": card.code,
        "failure_message": None,
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": {
            "network_status": "declined_by_network" if declined else "approved_by_network",
            "reason": card.decline_code,
            "type": "issuer_declined" if declined else "authorized",
        },
        "paid": not declined,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": card.charged(asked_for and card.multicapture),
        "refunded": False,
        "status": "failed" if declined else "succeeded",
    }
    account.charges[charge["id"]] = charge
    intent["latest_charge"] = charge["id"]
    account.emit("charge.failed" if declined else "charge.succeeded", charge)
    return charge


def book(account: Account, kind: str, source: Json, amount: int) -> str:
    """A balance transaction: what enters (charge) or leaves (refund, negative) the account. Fees are not given back."""
    fee = FEE_FIXED + (amount * FEE_BASIS_POINTS + 5_000) // 10_000 if kind == "charge" else 0
    now = int(time.time())
    transaction: Json = {
        "id": account.ids.new("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now,
        "created": now,
        "currency": source["currency"],
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [{"amount": fee, "currency": source["currency"], "type": "stripe_fee"}] if fee else [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source["id"],
        "status": "available",
        "type": kind,
    }
    account.balance_transactions[transaction["id"]] = transaction
    return str(transaction["id"])
