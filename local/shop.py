"""A shop's people at work over HTTP: what the seed, the demo, the benchmarks and the system tests have in common.

It knows api.md and nothing else; given the base URL of a deployed platform it would do the same there, but for the
mailbox, which only a laptop can look into.
"""

import hashlib
import hmac
import json
import re
import unicodedata
from itertools import count
from typing import Any

import httpx

ADDRESS = {"name": "Ada Lovelace", "line1": "1 Loop", "city": "Berlin", "postal_code": "10115", "country": "DE"}
PASSWORD = "correct horse battery staple"
_keys = count()

Json = dict[str, Any]


def euro(cents: int) -> Json:
    return {"amount": cents, "currency": "EUR"}


class Refused(Exception):
    """The API answered otherwise than the story needs."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}")
        self.status = answer.status_code
        self.code = answer.json().get("code") if answer.text.startswith("{") else None


class Person:
    """Someone signed in. Every POST carries a key of its own unless one is given; a 5xx or 429 is tried again."""

    def __init__(self, client: httpx.Client, token: str | None = None, patience: int = 5, key: str = "key") -> None:
        self.client = client
        self.token = token
        self._patience = patience
        self._key = key

    def ask(self, method: str, path: str, body: Json | None = None, **headers: str) -> httpx.Response:
        known = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if method == "POST":
            known["idempotency-key"] = f"{self._key}-{next(_keys)}"
        known |= {name.replace("_", "-"): value for name, value in headers.items()}
        for _ in range(self._patience):
            answer = self.client.request(method, path, json=body, headers=known)
            if answer.status_code < 500 and answer.status_code != 429:
                return answer
        return answer

    def get(self, path: str) -> Json:
        return self._did(self.ask("GET", path))

    def post(self, path: str, body: Json | None = None, **headers: str) -> Json:
        return self._did(self.ask("POST", path, body or {}, **headers))

    def _did(self, answer: httpx.Response) -> Json:
        if answer.status_code >= 400:
            raise Refused(answer)
        found: Json = answer.json() if answer.content else {}
        return found

    def order(self, sku: str, quantity: int = 1, payment_method: str = "pm_card_visa", **more: Any) -> Json:
        """Place an order for one SKU, or for several with `items`."""
        body = {
            "items": [{"sku": sku, "quantity": quantity}],
            "shipping_address": ADDRESS,
            "shipping_method": "standard",
            "payment_method": payment_method,
            **more,
        }
        return self.post("/orders", body)


class Shop:
    """`client` talks to the platform; `secrets` sign what the carrier and the payment provider would send.

    `key` begins the idempotency keys: two processes that talk to one platform need one each.
    """

    def __init__(self, client: httpx.Client, secrets: dict[str, str] | None = None, key: str = "key") -> None:
        self.client = client
        self._secrets = secrets or {}
        self._key = key

    def join(self, email: str, name: str = "Ada", password: str = PASSWORD) -> Person:
        """Register, confirm with the token from the mailbox, sign in."""
        self.register(email, name, password)
        self.settle()
        self.confirm(email)
        self.settle()
        return self.sign_in(email, password)

    def register(self, email: str, name: str = "Ada", password: str = PASSWORD) -> None:
        self._person().post("/identity/register", {"email": email, "password": password, "name": name})

    def confirm(self, email: str) -> None:
        """With the token that has been mailed."""
        self._person().post("/identity/confirm", {"token": self.mailed_token(email)})

    def sign_in(self, email: str, password: str = PASSWORD) -> Person:
        session = self._person().post("/identity/login", {"email": email, "password": password})
        return self._person(session["access_token"])

    def _person(self, token: str | None = None) -> Person:
        return Person(self.client, token, key=self._key)

    def mailed_token(self, email: str) -> str:
        for mail in self.mailbox(email):
            if found := re.search(r"Your token: (\S+)", mail["text"]):
                return found.group(1)
        raise LookupError(f"no token was mailed to {email}")

    def mailbox(self, email: str) -> list[Json]:
        found: list[Json] = self.client.get("/_local/mailbox", params={"to": email}).json()["items"]
        return found

    def settle(self, timeout_s: int = 600) -> None:
        answer = self.client.post("/_local/settle", json={"timeout_s": timeout_s}, timeout=timeout_s + 30)
        if answer.status_code != 200:
            raise Refused(answer)

    def stock(self, staff: Person, sku: str, quantity: int, price: int = 750, name: str = "Mug", **more: Any) -> Json:
        """A product with its price and `quantity` of it in the main warehouse."""
        product = {"sku": sku, "name": name, "description": f"A {name}", "category": "home", "price": euro(price)}
        made = staff.post("/catalog/products", {**product, **more})
        staff.post(
            f"/inventory/stock/{sku}/adjustments", {"warehouse_id": "main", "delta": quantity, "reason": "delivery"}
        )
        return made

    def dispatch(self, staff: Person, order_id: str) -> Json:
        [shipment] = staff.get(f"/shipments?order_id={order_id}")["items"]
        return staff.post(f"/shipments/{shipment['shipment_id']}/dispatch", {})

    def carrier_says(self, tracking_number: str, status: str, event_id: str | None = None) -> httpx.Response:
        """EasyPost's `tracker.updated`, signed as EasyPost signs it."""
        event = {
            "id": event_id or f"evt_{tracking_number}_{status}",
            "object": "Event",
            "description": "tracker.updated",
            "result": {
                "object": "Tracker",
                "tracking_code": tracking_number,
                "status": status,
                "tracking_details": [
                    {
                        "object": "TrackingDetail",
                        "status": status,
                        "message": status,
                        "datetime": "2026-01-06T09:00:00Z",
                        "tracking_location": {"city": "Berlin", "country": "DE"},
                    }
                ],
            },
        }
        return self.carrier_sends(json.dumps(event).encode())

    def carrier_sends(self, body: bytes) -> httpx.Response:
        """A webhook of EasyPost's, signed, and again while it is not taken."""
        key = unicodedata.normalize("NFKD", self._secrets["easypost"]).encode()
        signature = f"hmac-sha256-hex={hmac.new(key, body, hashlib.sha256).hexdigest()}"
        headers = {"x-hmac-signature": signature, "content-type": "application/json"}
        for _ in range(5):  # a carrier sends again what was not taken
            answer = self.client.post("/shipping/webhooks/easypost", content=body, headers=headers)
            if answer.status_code < 500:
                break
        return answer

    def promises_broken(self) -> list[Json]:
        report = self.client.get("/_local/invariants", timeout=120).json()
        return [promise for promise in report["promises"] if not promise["holds"]]
