"""EasyPost's REST API (https://docs.easypost.com), as far as a shipment needs it.

It has no idempotency keys. A parcel is created under our shipment's id as its `reference`, and found by it; creating
one costs nothing. The label is what costs, and EasyPost sells one per parcel: asked to buy again it refuses, and the
label that is there can be read.
"""

import json
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, Field
from urllib3.util import make_headers

from common.domain.errors import Conflict
from common.infrastructure.resilience import Breaker, HttpAnswer, OutcomeUnknown, ProviderApi, ProviderDown
from shipping.commands import Label, News
from shipping.events import Destination, Offer

BASE_URL = "https://api.easypost.com"
SLOWEST = 99  # days, for a rate that promises nothing

MAX_SCANS = 100  # of one event; a parcel has a dozen or two
GRAMS_PER_OUNCE = Decimal("28.349523125")  # international avoirdupois ounce

# EasyPost's statuses that are news to us; `tracking` says what each means.
NEWS: dict[str, Any] = {
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "available_for_pickup": "out_for_delivery",
    "delivered": "delivered",
    "return_to_sender": "returned",
    "failure": "failed",
    "cancelled": "failed",
}


class LabelRefused(Conflict):
    """The carrier does not take the parcel, so there is no label. Another address or another day may help."""

    def __init__(self, reason: str) -> None:
        super().__init__("The carrier does not take this parcel.")
        self.reason = reason


class Sender(BaseModel):
    company: str
    street1: str
    city: str
    zip: str
    country: str
    phone: str = ""


class Rate(BaseModel):
    id: str
    carrier: str
    service: str
    rate: Decimal
    delivery_days: int | None = None


class Place(BaseModel):
    city: str | None = None
    state: str | None = None
    country: str | None = None


class Detail(BaseModel):
    status: str | None = None
    at: AwareDatetime | None = Field(default=None, alias="datetime")
    tracking_location: Place | None = None


class Tracker(BaseModel):
    tracking_code: str
    status: str
    updated_at: AwareDatetime | None = None
    tracking_details: list[Detail] = Field(default_factory=list)

    def news(self) -> tuple[News, ...]:
        """Its scans, oldest first, and what it is now, if no scan says that. Nothing before the parcel has moved."""
        scans = [scan for scan in self._in_order() if scan.status in NEWS]
        if self.status in NEWS and (not scans or scans[-1].status != self.status):
            scans.append(Detail(status=self.status, datetime=self.updated_at))
        return tuple(_news(scan) for scan in scans[-MAX_SCANS:])

    def _in_order(self) -> list[Detail]:
        """By their times; as they stand, where some have none."""
        timed = [(detail.at, detail) for detail in self.tracking_details if detail.at]
        if len(timed) < len(self.tracking_details):
            return self.tracking_details
        return [detail for _, detail in sorted(timed, key=lambda each: each[0])]


def _news(scan: Detail) -> News:
    place, status = scan.tracking_location or Place(), scan.status or ""
    return News(
        status=NEWS[status],
        location=", ".join(part for part in (place.city, place.state, place.country) if part) or None,
        occurred_at=scan.at,
        cause=status if NEWS[status] in ("failed", "returned") else "",
    )


class PostageLabel(BaseModel):
    label_url: str | None = None


class Box(BaseModel):
    weight: Decimal  # ounces


class Parcel(BaseModel):
    """What EasyPost calls a shipment."""

    id: str
    parcel: Box
    rates: list[Rate] = Field(default_factory=list)
    selected_rate: Rate | None = None
    tracking_code: str | None = None
    postage_label: PostageLabel | None = None
    tracker: Tracker | None = None


class EasyPost:
    def __init__(self, api: ProviderApi, breaker: Breaker, sender: Sender) -> None:
        self._api = api
        self._breaker = breaker
        self._sender = sender

    def offer(
        self, shipment_id: str, destination: Destination, method: str, grams: int, *, anew: bool = False
    ) -> Offer:
        """The parcel as it is known there, or `anew`; the cheapest rate for standard, the fastest for express.

        Raise LabelRefused when no carrier takes it, ProviderDown or OutcomeUnknown when there is no telling.
        """
        ounces = _ounces(grams)
        parcel = None if anew else self._find(shipment_id)
        if parcel is None or parcel.parcel.weight != ounces:  # something has left it since it was made there
            parcel = self._create(shipment_id, destination, ounces)
        if not parcel.rates:
            raise LabelRefused("no rates")
        rate = min(parcel.rates, key=_fastest if method == "express" else _cheapest)
        return Offer(provider_reference=parcel.id, rate_id=rate.id, carrier=rate.carrier, service=rate.service)

    def buy(self, offer: Offer) -> Label:
        """The label of that parcel, bought now or before."""
        path = f"/v2/shipments/{quote(offer.provider_reference)}"
        answer = self._send("POST", f"{path}/buy", {"rate": {"id": offer.rate_id}})
        bought = answer if answer.status == HTTPStatus.OK else self._send("GET", path)
        parcel = _parcel(bought)
        if not parcel.tracking_code or not parcel.postage_label:
            raise LabelRefused(_reason(answer))
        return Label(
            carrier=parcel.selected_rate.carrier if parcel.selected_rate else offer.carrier,
            tracking_number=parcel.tracking_code,
            label_url=parcel.postage_label.label_url,
            news=parcel.tracker.news() if parcel.tracker else (),
        )

    def _find(self, shipment_id: str) -> Parcel | None:
        answer = self._send("GET", f"/v2/shipments/{quote(shipment_id)}")
        return None if answer.status == HTTPStatus.NOT_FOUND else _parcel(answer)

    def _create(self, shipment_id: str, to: Destination, ounces: Decimal) -> Parcel:
        address = {"name": to.name, "street1": to.line1, "street2": to.line2, "city": to.city}
        address |= {"zip": to.postal_code, "country": to.country}
        shipment = {
            "reference": shipment_id,
            "to_address": address,
            "from_address": self._sender.model_dump(),
            "parcel": {"weight": float(ounces)},
            "options": {"label_format": "PDF"},
        }
        return _parcel(self._send("POST", "/v2/shipments", {"shipment": shipment}))

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> HttpAnswer:
        answer: HttpAnswer = self._breaker.call(
            self._api.send, method, path, json.dumps(body).encode() if body else b""
        )
        if answer.status == HTTPStatus.CONFLICT:
            raise OutcomeUnknown("The same request is being worked on.")  # what comes of it is no refusal yet
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise ProviderDown("The provider does not know us.")
        return answer


def easypost_api(api_key: str, base_url: str = BASE_URL) -> ProviderApi:
    return ProviderApi(base_url, {**make_headers(basic_auth=f"{api_key}:"), "Content-Type": "application/json"})


def _parcel(answer: HttpAnswer) -> Parcel:
    if answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
        raise LabelRefused(_reason(answer))
    return Parcel.model_validate_json(answer.body)


def _ounces(grams: int) -> Decimal:
    """As EasyPost takes them, with one decimal."""
    return max((grams / GRAMS_PER_OUNCE).quantize(Decimal("0.1")), Decimal("0.1"))


def _reason(answer: HttpAnswer) -> str:
    """EasyPost's own word, without the text: it may quote the address."""
    try:
        return str(json.loads(answer.body)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status}"


def _cheapest(rate: Rate) -> tuple[Decimal, int]:
    return rate.rate, rate.delivery_days or SLOWEST


def _fastest(rate: Rate) -> tuple[int, Decimal]:
    return rate.delivery_days or SLOWEST, rate.rate
