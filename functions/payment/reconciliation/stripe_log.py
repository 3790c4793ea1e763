"""Stripe's log, read through its list API (https://docs.stripe.com/api/pagination): the adapter of `ProviderLog`.

What moved on a day is found in four lists: intents that were created, balance transactions (captures), refunds, and
events of cancelled intents, which Stripe keeps for 30 days.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from payment.reconciliation.provider_log import Standing
from payment.stripe import INTENTS, WITH_CHARGE, Intent, Stripe

Json = dict[str, Any]
PAGE: Final = "100"


class StripeLog:
    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe

    def touched(self, day: date) -> Iterator[Standing]:
        start = datetime.combine(day, time(), UTC)
        window = {
            "created[gte]": str(int(start.timestamp())),
            "created[lt]": str(int((start + timedelta(days=1)).timestamp())),
        }
        seen: set[str] = set()
        for intent in self._every(INTENTS, window | {"expand[]": "data.latest_charge"}):
            seen.add(intent["id"])
            yield self._standing(intent)
        for reference in self._moved(window):
            if reference and reference not in seen and (found := self.standing(reference)):
                seen.add(reference)
                yield found

    def standing(self, reference: str) -> Standing | None:
        intent = self._stripe.read(f"{INTENTS}/{reference}", WITH_CHARGE)
        return self._standing(intent) if intent else None

    def _moved(self, window: dict[str, str]) -> Iterator[str | None]:
        """The intents whose money was taken, given back or let go of; None for a charge that was made without one."""
        taken = {"type": "charge", "expand[]": "data.source"}
        for transaction in self._every("/v1/balance_transactions", window | taken):
            yield transaction["source"]["payment_intent"]
        for refund in self._every("/v1/refunds", window):
            yield refund["payment_intent"]
        for event in self._every("/v1/events", window | {"type": "payment_intent.canceled"}):
            yield event["data"]["object"]["id"]

    def _standing(self, intent: Json) -> Standing:
        known = Intent.model_validate(intent)
        found, charge = known.found, intent["latest_charge"] or {}
        return Standing(
            reference=known.id,
            payment_id=found.payment_id,
            order_id=known.metadata.get("order_id", ""),
            currency=intent["currency"].upper(),
            authorized=intent["amount"] if found.was_authorized else 0,
            captured=found.captured,
            held=intent["amount_capturable"],
            refunds=self._refunds(known.id) if charge.get("amount_refunded") and found.captured else {},
        )

    def _refunds(self, reference: str) -> dict[str, int]:
        given: Counter[str] = Counter()
        for refund in self._stripe.refunds(reference):
            given[refund.refund_id] += 0 if refund.failed else refund.amount
        return dict(+given)

    def _every(self, path: str, query: Mapping[str, str]) -> Iterator[Json]:
        """Page after page, the newest first."""
        after: dict[str, str] = {}
        while True:
            page = self._stripe.read(path, {**query, **after, "limit": PAGE}) or {"data": [], "has_more": False}
            yield from page["data"]
            if not page["has_more"]:
                return
            after = {"starting_after": page["data"][-1]["id"]}
