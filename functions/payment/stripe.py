"""Stripe's REST API (https://docs.stripe.com/api), as far as a payment needs it: the adapter of `PaymentProvider`.

Amounts are minor units, as ours are. A hold is an intent with `capture_method=manual`, confirmed. What became of one
is read off its status and its latest charge: a charge that succeeded has held money, also after it was cancelled.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from common.domain.errors import NotFound
from common.infrastructure.resilience import Breaker, HttpAnswer, OutcomeUnknown, ProviderApi
from payment.decider import refund_of_void
from payment.provider import Charge, Found, FoundDispute, Given, Promise, Share, Standing

Json = dict[str, Any]

BASE_URL: Final = "https://api.stripe.com"
API_VERSION: Final = "2026-10-28.endive"
INTENTS: Final = "/v1/payment_intents"
WITH_CHARGE: Final = {"expand[]": "latest_charge"}
LABELS: Final = ("order_id", "payment_id")  # what an intent is created with; captures add their own
NOT_GIVEN: Final = ("failed", "canceled")  # a refund, that is
OUTCOMES: Final[dict[str, Literal["won", "lost"]]] = {"won": "won", "warning_closed": "won", "lost": "lost"}

IntentStatus = Literal[
    "requires_payment_method",
    "requires_confirmation",
    "processing",
    "requires_action",
    "requires_capture",
    "succeeded",
    "canceled",
]
STANDINGS: Final[dict[IntentStatus, Standing]] = {
    "requires_payment_method": "unconfirmed",  # unless a payment method has failed
    "requires_confirmation": "unconfirmed",
    "processing": "unconfirmed",  # cards do not stay here
    "requires_action": "action_required",
    "requires_capture": "authorized",
    "succeeded": "captured",
    "canceled": "cancelled",
}


class StripeRefused(Exception):
    """It did not take a request of ours as we had to make it: our key is wrong, or our code."""


def stripe_api(api_key: str, base_url: str = BASE_URL) -> ProviderApi:
    headers = {
        "Authorization": f"Bearer {api_key}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Stripe-Version": API_VERSION,
    }
    return ProviderApi(base_url, headers)


class Stripe:
    """`return_url` is where the bank sends the customer back to, with `{order_id}` in it."""

    def __init__(self, api: ProviderApi, breaker: Breaker, return_url: str) -> None:
        self._api = api
        self._breaker = breaker
        self._return_url = return_url

    def create(self, charge: Charge) -> Found:
        form = {
            "amount": str(charge.amount.amount),
            "currency": charge.amount.currency.lower(),
            "capture_method": "manual",
            "payment_method_options[card][request_multicapture]": "if_available",
            "payment_method": charge.payment_method,
            "payment_method_types[]": "card",
            "metadata[order_id]": charge.order_id,
            "metadata[payment_id]": charge.payment_id,
        }
        status, answer = self._post(INTENTS, form, f"{charge.payment_id}:create")
        if status == HTTPStatus.OK:
            return _found(answer)
        # It knows no such payment method, or does not take such an amount: no bank needs to be asked.
        return Found(charge.payment_id, "", "declined", decline_code=_reason(answer))

    def find(self, reference: str) -> Found:
        intent = self.read(f"{INTENTS}/{quote(reference, safe='')}", WITH_CHARGE)
        if intent is None:
            raise NotFound("Stripe knows no such payment.")
        return _found(intent)

    def confirm(self, charge: Charge, reference: str) -> Found:
        form = {"return_url": self._return_url.format(order_id=charge.order_id)}
        return self._change(reference, "confirm", form, f"{charge.payment_id}:confirm")

    def capture(self, payment_id: str, reference: str, share: Share) -> Found:
        amount = str(share.amount.amount)
        form = {"amount_to_capture": amount, "final_capture": "true" if share.closes else "false"}
        if share.shipment_id is None:
            return self._change(reference, "capture", form, f"{payment_id}:capture")
        # The note is written with the capture or not at all: whoever asks later can tell which shares were taken.
        form[f"metadata[{share.shipment_id}]"] = amount
        return self._change(reference, "capture", form, f"{payment_id}:capture:{share.shipment_id}")

    def cancel(self, payment_id: str, reference: str) -> Found:
        return self._change(reference, "cancel", {}, f"{payment_id}:void")

    def release(self, payment_id: str, reference: str) -> Found:
        # A partly captured intent ends by a last capture of nothing.
        form = {"amount_to_capture": "0", "final_capture": "true"}
        return self._change(reference, "capture", form, f"{payment_id}:release")

    def refund(self, payment_id: str, reference: str, promise: Promise) -> str | None:
        # A key is forgotten after a day and a dead letter may come later, so it is asked for by our id first.
        if any(given.refund_id == promise.refund_id and not given.failed for given in self.refunds(reference)):
            return None
        form = {
            "payment_intent": reference,
            "amount": str(promise.amount.amount),
            "metadata[payment_id]": payment_id,
            "metadata[refund_id]": promise.refund_id,
        }
        name = "void" if promise.refund_id == refund_of_void(payment_id) else promise.refund_id
        again = f":{promise.attempt}" if promise.attempt > 1 else ""
        status, answer = self._post("/v1/refunds", form, f"{payment_id}:refund:{name}{again}")
        if status != HTTPStatus.OK:
            return _reason(answer)
        return answer["status"] if answer["status"] in NOT_GIVEN else None

    def refunds(self, reference: str) -> list[Given]:
        # A payment has few: a page holds a hundred.
        answer = self.read("/v1/refunds", {"payment_intent": reference, "limit": "100"}) or {"data": []}
        return [_given(refund) for refund in reversed(answer["data"])]

    def dispute(self, dispute_id: str) -> FoundDispute:
        dispute = self.read(f"/v1/disputes/{quote(dispute_id, safe='')}", {})
        if dispute is None:
            raise NotFound("Stripe knows no such dispute.")
        return FoundDispute(
            dispute_id=dispute["id"],
            reference=dispute["payment_intent"] or "",
            amount=dispute["amount"],
            reason=dispute["reason"],
            keeps_money=bool(dispute["balance_transactions"]),
            outcome=OUTCOMES.get(dispute["status"]),
        )

    def read(self, path: str, query: Mapping[str, str]) -> Json | None:
        """An object or a page of them; None if there is no such object."""
        status, answer = self._send("GET", f"{path}?{urlencode(query)}")
        if status == HTTPStatus.NOT_FOUND:
            return None
        if status != HTTPStatus.OK:
            raise StripeRefused(f"{path} cannot be read: {_reason(answer)}")
        return answer

    def _change(self, reference: str, verb: str, form: dict[str, str], key: str) -> Found:
        status, answer = self._post(f"{INTENTS}/{quote(reference, safe='')}/{verb}", form | WITH_CHARGE, key)
        if status == HTTPStatus.OK:
            return _found(answer)
        if status == HTTPStatus.PAYMENT_REQUIRED:
            return _found(answer["error"]["payment_intent"])
        return self.find(reference)  # its state does not allow it, so something else has happened

    def _post(self, path: str, form: dict[str, str], key: str) -> tuple[int, Json]:
        return self._send("POST", path, urlencode(form).encode(), {"Idempotency-Key": key})

    def _send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, Json]:
        answer: HttpAnswer = self._breaker.call(self._api.send, method, path, body, headers)
        content: Json = json.loads(answer.body)
        if answer.status == HTTPStatus.CONFLICT:
            raise OutcomeUnknown("The same request is being worked on.")
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise StripeRefused(f"our key is not accepted: {_reason(content)}")
        if content.get("error", {}).get("type") == "idempotency_error":
            raise StripeRefused("an idempotency key came with other parameters")
        return answer.status, content


class Multicapture(BaseModel):
    status: str = "unavailable"


class ChargedCard(BaseModel):
    multicapture: Multicapture = Multicapture()


class ChargeDetails(BaseModel):
    card: ChargedCard = ChargedCard()


class LatestCharge(BaseModel):
    status: str
    payment_method_details: ChargeDetails = ChargeDetails()

    @property
    def in_parts(self) -> bool:
        return self.payment_method_details.card.multicapture.status == "available"


class PaymentError(BaseModel):
    type: str = "unknown"
    code: str | None = None
    decline_code: str | None = None

    @property
    def reason(self) -> str:
        return self.decline_code or self.code or self.type


class Redirect(BaseModel):
    url: str


class IntentAction(BaseModel):
    redirect_to_url: Redirect | None = None


class Intent(BaseModel):
    """A payment intent, from an answer or an event."""

    id: str
    status: IntentStatus
    amount_received: int = 0
    metadata: dict[str, str] = {}
    latest_charge: LatestCharge | str | None = None  # its id, if it was not asked for
    last_payment_error: PaymentError | None = None
    next_action: IntentAction | None = None

    @property
    def found(self) -> Found:
        failed = self.last_payment_error if self.status == "requires_payment_method" else None
        charge = self.latest_charge if isinstance(self.latest_charge, LatestCharge) else None
        charged = charge is not None and charge.status == "succeeded"
        redirect = self.next_action.redirect_to_url if self.next_action else None
        return Found(
            payment_id=self.metadata.get("payment_id", ""),
            reference=self.id,
            standing="declined" if failed else STANDINGS[self.status],
            was_authorized=charged or self.status in ("requires_capture", "succeeded"),
            in_parts=charge is not None and charge.in_parts,
            captured=self.amount_received,
            shares={
                shipment_id: int(amount)
                for shipment_id, amount in self.metadata.items()
                if shipment_id not in LABELS and amount.isdecimal()
            },
            redirect_url=redirect.url if redirect else "",
            decline_code=failed.reason if failed else "",
        )


def _found(intent: Json) -> Found:
    return Intent.model_validate(intent).found


def _given(refund: Json) -> Given:
    by_hand = f"ref_{refund['id'].removeprefix('re_')}"
    refund_id = refund["metadata"].get("refund_id", by_hand)
    return Given(refund_id, refund["amount"], failed=refund["status"] in NOT_GIVEN)


def _reason(answer: Json) -> str:
    return PaymentError.model_validate(answer["error"]).reason
