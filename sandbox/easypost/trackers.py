"""Trackers: where a parcel is, and the `tracker.updated` events that say so."""

import copy
import hashlib
import hmac
import time
import unicodedata
from datetime import UTC, datetime

from sandbox.easypost.errors import NotFound
from sandbox.ids import Ids
from sandbox.request import Headers, Json
from sandbox.webhooks import WebhookQueue

WEBHOOK_PATH = "/shipping/webhooks/easypost"

# https://docs.easypost.com/docs/trackers says which there are.
MESSAGES = {
    "unknown": "No news of the parcel",
    "pre_transit": "Shipping label created",
    "in_transit": "Departed carrier facility",
    "out_for_delivery": "Out for delivery",
    "delivered": "Delivered",
    "available_for_pickup": "Available for pickup",
    "return_to_sender": "Returned to sender",
    "failure": "Delivery failed",
    "cancelled": "Cancelled by the sender",
    "error": "The carrier's system failed",
}


class Trackers:
    def __init__(self, webhook_secret: str, ids: Ids) -> None:
        self._ids = ids
        self._by_code: dict[str, Json] = {}
        self._by_id: dict[str, Json] = {}
        self.webhooks = WebhookQueue(WEBHOOK_PATH, lambda body, _: signature(webhook_secret, body))

    def open(self, shipment_id: str, carrier: str, weight: float, due: str) -> Json:
        now = _now()
        tracker: Json = {
            "id": self._ids.new("trk"),
            "object": "Tracker",
            "mode": "test",
            "tracking_code": self._ids.new("EZ").replace("_", ""),
            "status": "pre_transit",
            "status_detail": "label_created",
            "created_at": now,
            "updated_at": now,
            "signed_by": None,
            "weight": weight,
            "est_delivery_date": due,
            "shipment_id": shipment_id,
            "carrier": carrier,
            "tracking_details": [],
            "public_url": None,
            "fees": [],
        }
        tracker["tracking_details"].append(_detail("pre_transit", carrier, None))
        self._by_code[tracker["tracking_code"]] = self._by_id[tracker["id"]] = tracker
        return tracker

    def get(self, id_or_code: str) -> Json:
        tracker = self._by_code.get(id_or_code) or self._by_id.get(id_or_code)
        if tracker is None:
            raise NotFound("TRACKER.NOT_FOUND")
        return tracker

    def advance(self, tracking_code: str, status: str, location: str | None) -> Json:
        """The carrier has scanned the parcel. It may say anything at any time; it is for the shop to doubt it."""
        if status not in MESSAGES:
            raise ValueError(f"no status {status!r}; there are {', '.join(MESSAGES)}")
        tracker = self.get(tracking_code)
        before, now = tracker["status"], _now()
        tracker["tracking_details"].append(_detail(status, tracker["carrier"], location))
        tracker.update(status=status, status_detail=status, updated_at=now)
        event: Json = {
            "id": self._ids.new("evt"),
            "object": "Event",
            "created_at": now,
            "updated_at": now,
            "description": "tracker.updated",
            "mode": "test",
            "previous_attributes": {"status": before},
            "pending_urls": [],
            "completed_urls": [],
            "status": "pending",
            "result": copy.deepcopy(tracker),
        }
        self.webhooks.put(event["id"], event["description"], event)
        return tracker


def _detail(status: str, carrier: str, location: str | None) -> Json:
    """`location` is "Berlin" or "Berlin, DE"."""
    city, _, country = (location or "").partition(",")
    return {
        "object": "TrackingDetail",
        "message": MESSAGES[status],
        "description": None,
        "status": status,
        "status_detail": status,
        "datetime": _now(),
        "source": carrier,
        "tracking_location": {
            "object": "TrackingLocation",
            "city": city.strip() or None,
            "state": None,
            "country": country.strip() or None,
            "zip": None,
        },
    }


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signature(secret: str, body: bytes) -> Headers:
    """https://docs.easypost.com/docs/webhooks#webhook-hmac-validation"""
    key = unicodedata.normalize("NFKD", secret).encode()
    return {"X-Hmac-Signature": "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()}
