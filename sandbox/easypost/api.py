"""The front door: authentication, routes, answers in EasyPost's form."""

import json
import re
from urllib.parse import parse_qs, unquote

from sandbox.easypost.errors import EasyPostError, NotFound
from sandbox.easypost.label import pdf
from sandbox.easypost.shipments import LabelOperation, Shipments
from sandbox.easypost.trackers import Trackers
from sandbox.faults import Faults
from sandbox.ids import Ids
from sandbox.request import Answer, Headers, Json, Request
from sandbox.webhooks import Webhook

JSON = {"Content-Type": "application/json"}
ID = "([^/]+)"
OPERATIONS = (  # method, path, operation
    ("POST", "/v2/shipments", "create_shipment"),
    ("GET", f"/v2/shipments/{ID}", "retrieve"),
    ("POST", f"/v2/shipments/{ID}/buy", "buy_shipment"),
    ("POST", f"/v2/shipments/{ID}/refund", "refund_shipment"),
    ("GET", f"/v2/trackers/{ID}", "retrieve_tracker"),
)
ROUTES = tuple((method, re.compile(path), operation) for method, path, operation in OPERATIONS)
LABEL = re.compile(r"/_local/sandbox/easypost/labels/(\w+)\.pdf")
PARCEL = re.compile(r"/_local/sandbox/easypost/trackers/(\w+)")


class EasyPostSandbox:
    """EasyPost for one account with one webhook. What it did is in `log`.

    As on EasyPost there are no idempotency keys: who does not know whether a shipment was made asks by its reference.
    """

    def __init__(self, api_key: str, webhook_secret: str, public_url: str) -> None:
        self._api_key = api_key
        ids = Ids()
        self._trackers = Trackers(webhook_secret, ids)
        self._shipments = Shipments(public_url, ids, self._trackers)
        self._faults = Faults("error", "rate_limit")

    def operation(self, method: str, path_and_query: str, body: bytes = b"") -> str:
        return _route(method.upper(), path_and_query.partition("?")[0])[0] or "unknown"

    def handle(self, method: str, path_and_query: str, headers: Headers, body: bytes) -> Answer:
        request = Request.of(method, path_and_query, headers, body)
        try:
            answer = self._answer(request)
            created = request.method == "POST" and answer["object"] == "Shipment" and not answer["postage_label"]
            return 201 if created else 200, dict(JSON), json.dumps(answer).encode()
        except EasyPostError as error:
            return error.status, dict(JSON), json.dumps(error.body).encode()

    def page(self, method: str, path: str, query: str, headers: Headers | None = None) -> Answer:
        """`GET …/labels/pl_….pdf` is the label; `POST …/trackers/EZ…?status=&location=` moves a parcel."""
        if method == "GET" and (label := LABEL.fullmatch(path)):
            return self._label(label[1])
        if method == "POST" and (parcel := PARCEL.fullmatch(path)):
            asked = {name: values[0] for name, values in parse_qs(query).items()}
            try:
                tracker = self.advance(parcel[1], asked.get("status", ""), asked.get("location"))
                return 200, dict(JSON), json.dumps(tracker).encode()
            except EasyPostError as error:
                return error.status, dict(JSON), json.dumps(error.body).encode()
            except ValueError as error:
                return 422, {"Content-Type": "text/plain; charset=utf-8"}, str(error).encode()
        return 404, dict(JSON), json.dumps(NotFound().body).encode()

    def _label(self, label_id: str) -> Answer:
        for shipment in self._shipments.by_id.values():
            if shipment["postage_label"] and shipment["postage_label"]["id"] == label_id:
                to, rate = shipment["to_address"], shipment["selected_rate"]
                place = f"{to['zip'] or ''} {to['city'] or ''}"
                lines = [f"{rate['carrier']} {rate['service']}", "", to["name"] or "", to["street1"], place]
                lines += [to["country"], "", shipment["tracking_code"], "SAMPLE, not for postage"]
                return 200, {"Content-Type": "application/pdf"}, pdf(lines)
        return 404, dict(JSON), json.dumps(NotFound().body).encode()

    def advance(self, tracking_code: str, status: str, location: str | None = None) -> Json:
        """Move a parcel, and owe the webhook that tells of it. Raises ValueError for a status that does not exist."""
        tracker = self._trackers.advance(tracking_code, status, location)
        self._shipments.by_id[tracker["shipment_id"]]["status"] = status
        return tracker

    def due_webhooks(self) -> list[Webhook]:
        return self._trackers.webhooks.due()

    def next_due(self) -> float | None:
        return self._trackers.webhooks.next_due()

    def owed_webhooks(self) -> list[Webhook]:
        """All that is not yet delivered, sent or not."""
        return self._trackers.webhooks.owed()

    @property
    def log(self) -> list[LabelOperation]:
        return self._shipments.log

    def effects(self, reference: str) -> list[LabelOperation]:
        return [operation for operation in self.log if operation.reference == reference]

    def fail(self, operation: str, kind: str, times: int = 1) -> None:
        """`error` (500) and `rate_limit` (429), before the call runs."""
        self._faults.add(operation, kind, times)

    def clear_faults(self) -> None:
        self._faults.clear()

    def _answer(self, request: Request) -> Json:
        operation, name = _route(request.method, request.path)
        if request.api_key() != self._api_key:
            message = "This api key is no longer active. Please use a different api key or reactivate this key."
            raise EasyPostError(401, "APIKEY.INACTIVE", message)
        if operation and self._faults.take(operation, "error"):
            raise EasyPostError(500, "INTERNAL_SERVER_ERROR", "An unexpected error occurred.")
        if operation and self._faults.take(operation, "rate_limit"):
            raise EasyPostError(429, "RATE_LIMITED", "Too many requests.")
        match operation:
            case "create_shipment":
                return self._shipments.create(_json(request.body))
            case "retrieve":
                return self._shipments.get(name)
            case "buy_shipment":
                return self._shipments.buy(self._shipments.get(name), _json(request.body))
            case "refund_shipment":
                return self._shipments.refund(self._shipments.get(name))
            case "retrieve_tracker":
                return self._trackers.get(name)
            case _:
                raise NotFound


def _route(method: str, path: str) -> tuple[str | None, str]:
    for its_method, pattern, operation in ROUTES:
        if method == its_method and (found := pattern.fullmatch(path)):
            return operation, unquote(found[1]) if pattern.groups else ""
    return None, ""


def _json(body: bytes) -> Json:
    try:
        sent = json.loads(body or b"{}")
    except ValueError as error:
        raise EasyPostError(400, "BAD_REQUEST", "The request body is not valid JSON.") from error
    if not isinstance(sent, dict):
        raise EasyPostError(400, "BAD_REQUEST", "The request body is not an object.")
    return sent
