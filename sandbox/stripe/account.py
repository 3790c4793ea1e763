"""What the sandbox remembers: Stripe's objects, the events it owes, and a log of every movement of money."""

import copy
import hashlib
import hmac
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal, get_args

from sandbox.faults import Faults
from sandbox.ids import Ids
from sandbox.request import Headers, Json
from sandbox.webhooks import WebhookQueue

API_VERSION = "2026-10-28.endive"
WEBHOOK_PATH = "/payments/webhooks/stripe"

# What the endpoint has subscribed to. All other events can be read at /v1/events.
ENABLED_EVENTS = frozenset(
    (
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "charge.refunded",
        "charge.refund.updated",
        "charge.dispute.created",
        "charge.dispute.closed",
    )
)

Kind = Literal["authorize", "capture", "void", "refund"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True)
class Operation:
    """An effect on money, in minor units; a refund that came back is a negative one. A capture of less than was held
    logs a void of the rest, so that

    authorize = capture + void + held   and   refund ≤ capture   for every order.
    """

    kind: Kind
    intent_id: str
    order_id: str | None  # of the intent's metadata
    amount: int
    currency: str  # ISO 4217, upper case
    at: float
    idempotency_key: str | None  # None if the customer, not the shop, made it happen
    refund_id: str | None = None  # Stripe's
    metadata: dict[str, str] = field(default_factory=dict)  # the refund's own, or else the intent's


class Account:
    def __init__(self, webhook_secret: str, public_url: str) -> None:
        self.public_url = public_url.rstrip("/")
        self.ids = Ids()
        self.faults = Faults("error", "rate_limit", "decline")
        self.intents: dict[str, Json] = {}
        self.charges: dict[str, Json] = {}
        self.refunds: dict[str, Json] = {}
        self.disputes: dict[str, Json] = {}
        self.balance_transactions: dict[str, Json] = {}
        self.events: dict[str, Json] = {}
        self.log: list[Operation] = []
        self.request: Json | None = None  # the id and the idempotency key of the request in hand
        self.webhooks = WebhookQueue(WEBHOOK_PATH, lambda body, now: signature(webhook_secret, body, now))

    def find(self, object_id: str) -> Json | None:
        tables = (self.intents, self.charges, self.refunds, self.disputes, self.balance_transactions, self.events)
        for table in tables:
            if object_id in table:
                return table[object_id]
        return None

    def emit(self, kind: str, subject: Json) -> None:
        """Write an event with the object as it is now, and owe its delivery if the endpoint asked for it."""
        wanted = kind in ENABLED_EVENTS
        event: Json = {
            "id": self.ids.new("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(time.time()),
            "data": {"object": copy.deepcopy(subject)},
            "livemode": False,
            "pending_webhooks": int(wanted),
            "request": self.request or {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.events[event["id"]] = event
        if wanted:
            self.webhooks.put(event["id"], kind, event)

    def record(self, kind: Kind, intent: Json, amount: int, refund: Json | None = None) -> None:
        operation = Operation(
            kind=kind,
            intent_id=intent["id"],
            order_id=intent["metadata"].get("order_id"),
            amount=amount,
            currency=intent["currency"].upper(),
            at=time.time(),
            idempotency_key=(self.request or {}).get("idempotency_key"),
            refund_id=refund["id"] if refund else None,
            metadata=dict((refund or intent)["metadata"]),
        )
        self.log.append(operation)

    def effects(self, order_id: str) -> list[Operation]:
        return [operation for operation in self.log if operation.order_id == order_id]

    def totals(self, order_id: str | None = None) -> dict[str, dict[str, int]]:
        """Sums by currency and kind, of one order or of all: {"EUR": {"authorize": 1999, "capture": 1999, …}}."""
        sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(KINDS, 0))
        for operation in self.effects(order_id) if order_id else self.log:
            sums[operation.currency][operation.kind] += operation.amount
        return dict(sums)


def signature(secret: str, body: bytes, now: int) -> Headers:
    """Scheme v1: an HMAC over time and raw body (https://docs.stripe.com/webhooks#verify-manually)."""
    digest = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={now},v1={digest}"}
