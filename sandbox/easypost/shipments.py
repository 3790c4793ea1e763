"""Shipments: created with rates, bought once, given back while the parcel has not moved."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sandbox.easypost.errors import EasyPostError, NotFound
from sandbox.easypost.rates import offers
from sandbox.easypost.trackers import Trackers
from sandbox.ids import Ids
from sandbox.request import Json

CURRENCY = "EUR"
ADDRESS = ("name", "company", "street1", "street2", "city", "state", "zip", "country", "phone", "email")
PARCEL = ("length", "width", "height", "weight", "predefined_package")
HAS_MOVED = ("in_transit", "out_for_delivery", "delivered", "return_to_sender", "failure")


@dataclass(frozen=True)
class LabelOperation:
    """An effect: a label bought, or given back."""

    kind: Literal["buy", "refund"]
    shipment_id: str
    reference: str | None
    tracking_code: str
    amount: int  # minor units
    currency: str
    at: float


class Shipments:
    def __init__(self, public_url: str, ids: Ids, trackers: Trackers) -> None:
        self._public_url = public_url.rstrip("/")
        self._ids = ids
        self._trackers = trackers
        self.by_id: dict[str, Json] = {}
        self._newest: dict[str, Json] = {}  # by reference
        self.log: list[LabelOperation] = []

    def get(self, id_or_reference: str) -> Json:
        """A reference may stand for an id; EasyPost does not keep it unique, and the newest is meant."""
        shipment = self.by_id.get(id_or_reference) or self._newest.get(id_or_reference)
        if shipment is None:
            raise NotFound
        return shipment

    def create(self, body: Json) -> Json:
        asked = body.get("shipment")
        if not isinstance(asked, dict):
            raise EasyPostError(422, "PARAMETER.REQUIRED", "Missing required parameter.", shipment="cannot be blank")
        to_address, from_address = self._address(asked, "to_address"), self._address(asked, "from_address")
        parcel = self._parcel(asked)
        now = timestamp()
        shipment: Json = {
            "id": self._ids.new("shp"),
            "object": "Shipment",
            "created_at": now,
            "updated_at": now,
            "mode": "test",
            "reference": asked.get("reference"),
            "is_return": False,
            "options": asked.get("options") or {},
            "status": "unknown",
            "to_address": to_address,
            "from_address": from_address,
            "parcel": parcel,
            "customs_info": asked.get("customs_info"),
            "rates": [],
            "messages": [],
            "selected_rate": None,
            "postage_label": None,
            "tracking_code": None,
            "tracker": None,
            "insurance": None,
            "refund_status": None,
        }
        self._rate(shipment)
        self.by_id[shipment["id"]] = shipment
        if isinstance(shipment["reference"], str):
            self._newest[shipment["reference"]] = shipment
        return shipment

    def _address(self, asked: Json, name: str) -> Json:
        given = asked.get(name)
        if not isinstance(given, dict) or not isinstance(given.get("country"), str) or not given.get("street1"):
            raise _invalid(**{name: "is required, with street1 and country"})
        now = timestamp()
        address = {field: given.get(field) for field in ADDRESS} | {"country": given["country"].upper()}
        return {"id": self._ids.new("adr"), "object": "Address", "created_at": now, "updated_at": now, **address}

    def _parcel(self, asked: Json) -> Json:
        given = asked.get("parcel")
        weight = given.get("weight") if isinstance(given, dict) else None
        if (
            not isinstance(given, dict)
            or isinstance(weight, bool)
            or not isinstance(weight, int | float)
            or weight <= 0
        ):
            raise _invalid(parcel="is required, with a weight in ounces")
        return {"id": self._ids.new("prcl"), "object": "Parcel", **{field: given.get(field) for field in PARCEL}}

    def _rate(self, shipment: Json) -> None:
        route = shipment["from_address"]["country"], shipment["to_address"]["country"]
        for offer in offers(*route, ounces=shipment["parcel"]["weight"]):
            price = f"{offer.cents // 100}.{offer.cents % 100:02d}"
            rate = {
                "id": self._ids.new("rate"),
                "object": "Rate",
                "created_at": shipment["created_at"],
                "carrier": offer.carrier,
                "carrier_account_id": f"ca_{offer.carrier.lower()}",
                "service": offer.service,
                "rate": price,
                "list_rate": price,
                "retail_rate": price,
                "currency": CURRENCY,
                "delivery_days": offer.days,
                "est_delivery_days": offer.days,
                "delivery_date": None,
                "delivery_date_guaranteed": False,
                "shipment_id": shipment["id"],
                "mode": "test",
            }
            shipment["rates"].append(rate)
        if not shipment["rates"]:
            problem = {"carrier": "UPS", "type": "rate_error", "message": "The parcel is too heavy."}
            shipment["messages"].append(problem)

    def buy(self, shipment: Json, body: Json) -> Json:
        if shipment["postage_label"]:
            message = "Postage already exists for this shipment."
            raise EasyPostError(422, "SHIPMENT.POSTAGE.EXISTS", message)
        chosen = body.get("rate")
        rate_id = chosen.get("id") if isinstance(chosen, dict) else None
        rate = next((rate for rate in shipment["rates"] if rate["id"] == rate_id), None)
        if rate is None:
            message = "Unable to buy this shipment without one of its rates."
            raise EasyPostError(422, "SHIPMENT.MISSING_RATE", message, rate="is required")
        due = datetime.fromtimestamp(time.time(), UTC) + timedelta(days=rate["delivery_days"])
        tracker = self._trackers.open(shipment["id"], rate["carrier"], shipment["parcel"]["weight"], timestamp(due))
        label_id = self._ids.new("pl")
        shipment.update(
            selected_rate=rate,
            tracking_code=tracker["tracking_code"],
            tracker=tracker,
            status=tracker["status"],
            updated_at=timestamp(),
            postage_label={
                "id": label_id,
                "object": "PostageLabel",
                "created_at": timestamp(),
                "label_date": timestamp(),
                "label_file_type": "application/pdf",
                "label_size": "4x6",
                "label_type": "default",
                "label_url": f"{self._public_url}/_local/sandbox/easypost/labels/{label_id}.pdf",
                "label_pdf_url": f"{self._public_url}/_local/sandbox/easypost/labels/{label_id}.pdf",
            },
        )
        self._record("buy", shipment)
        return shipment

    def refund(self, shipment: Json) -> Json:
        """Give the label back. As on EasyPost the money is not there at once: the status is `submitted`."""
        if not shipment["postage_label"]:
            raise EasyPostError(422, "SHIPMENT.POSTAGE.REQUIRED", "Unable to refund a shipment without postage.")
        if shipment["refund_status"]:
            message = "Unable to request refund. A refund has already been requested."
            raise EasyPostError(422, "SHIPMENT.REFUND.UNAVAILABLE", message)
        if shipment["tracker"]["status"] in HAS_MOVED:
            message = "Unable to request refund. The parcel has been shipped."
            raise EasyPostError(422, "SHIPMENT.REFUND.UNAVAILABLE", message)
        shipment.update(refund_status="submitted", updated_at=timestamp())
        self._record("refund", shipment)
        return shipment

    def _record(self, kind: Literal["buy", "refund"], shipment: Json) -> None:
        amount = int(shipment["selected_rate"]["rate"].replace(".", ""))
        operation = LabelOperation(
            kind, shipment["id"], shipment["reference"], shipment["tracking_code"], amount, CURRENCY, time.time()
        )
        self.log.append(operation)


def _invalid(**fields: str) -> EasyPostError:
    message = "Unable to create shipment, one or more parameters were invalid."
    return EasyPostError(422, "SHIPMENT.INVALID_PARAMS", message, **fields)


def timestamp(at: datetime | None = None) -> str:
    return (at or datetime.fromtimestamp(time.time(), UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
