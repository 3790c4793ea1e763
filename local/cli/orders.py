"""`./commerce orders`: those that wait for a person, and what that person may do about them. Over HTTP, as staff."""

from collections.abc import Iterator
from typing import Any, Final, Literal
from uuid import uuid4

import httpx

from local.cli import output
from local.cli.output import Problem
from local.cli.whereabouts import client, running

Action = Literal["retry", "compensate", "close"]
TIMEOUT_S: Final = 30
CAUSES: Final = {
    "payment_not_capturable": "the money for what has left could not be taken",
    "stock_not_reserved": "what has left was not reserved for it",
    "not_in_the_order": "a parcel holds what the order does not have",
    "shipment_failed": "the carrier could not deliver a parcel",
    "shipment_returned": "a parcel is on its way back to us",
    "place_order_stuck": "it was started again and again, and never ended",
    "cancel_order_stuck": "its cancellation was started again and again, and never ended",
    "fulfil_order_stuck": "what follows its dispatch was started again and again, and never ended",
}
DONE: Final = {
    "retry": "What waited is started again; every step that was done before is found done.",
    "compensate": "All its money goes back, and the goods that have not left. It ends as cancelled.",
    "close": "It is closed. Nothing more happens to it by itself.",
}


class Desk:
    """The API, as one of the staff sees it. What it refuses is a Problem in its own words."""

    def __init__(self, http: httpx.Client, token: str) -> None:
        self._http = http
        self._token = token

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._ask("POST", path, json=body, headers={"idempotency-key": uuid4().hex})

    def _ask(self, method: str, path: str, headers: dict[str, str] | None = None, **how: Any) -> dict[str, Any]:
        known = {"authorization": f"Bearer {self._token}", **(headers or {})}
        try:
            answer = self._http.request(method, path, headers=known, **how)
        except httpx.HTTPError as error:
            raise Problem(f"The API does not answer ({error}). It is safe to say it again.") from error
        found: dict[str, Any] = _json(answer)
        if answer.is_error:
            raise Problem(f"{found.get('detail') or found.get('message') or answer.text} ({_code(found, answer)})")
        return found


def desk(api_url: str | None, token: str | None) -> Desk:
    """On the platform that runs here, as its admin; or at `api_url`, with a token of staff."""
    if api_url:
        if not token:
            raise Problem("With --api-url say --token, too: an access token of somebody who is staff.")
        return Desk(httpx.Client(base_url=api_url, timeout=TIMEOUT_S), token)
    found = running()
    if found is None:
        raise Problem("No platform runs here. Start one with `./commerce up`, or say --api-url and --token.")
    http = client(found, timeout=TIMEOUT_S)
    return Desk(http, token or sign_in(http, found["admin"]))


def sign_in(http: httpx.Client, who: dict[str, str]) -> str:
    answer = http.post("/identity/login", json=who)
    if answer.is_error:
        raise Problem(f"{who['email']} cannot sign in: {_json(answer).get('detail', answer.text)}")
    return str(answer.json()["access_token"])


def ls(staff: Desk, status: str) -> None:
    """One line per order, and below it why it waits."""
    orders = list(_all(staff, status))
    for order in orders:
        total = order["total"]
        amount = f"{total['amount']} {total['currency']}"
        output.say(f"{order['order_id']}  {order['status']:<16} {amount:>12}  since {order['updated_at'][:19]}Z")
        if reason := order.get("reason"):
            output.say(f"    {reason}" + (f": {CAUSES[reason]}" if reason in CAUSES else ""))
    if not orders:
        output.say("No order needs attention." if status == "needs_attention" else f"No order is {status}.")
    elif status == "needs_attention":
        output.say('\n./commerce orders retry|compensate|close ORDER_ID --reason "…"')


def act(staff: Desk, action: Action, order_id: str, reason: str) -> None:
    before = staff.get(f"/orders/{order_id}")["status"]
    after = staff.post(f"/orders/{order_id}/{action}", {"reason": reason})["status"]
    output.say(f"{order_id}: {before} -> {after}. {DONE[action]}")


def _all(staff: Desk, status: str) -> Iterator[dict[str, Any]]:
    query = {"status": status, "limit": "100"}
    page = staff.get("/orders", **query)
    yield from page["items"]
    while page["next_cursor"]:
        page = staff.get("/orders", **query, cursor=page["next_cursor"])
        yield from page["items"]


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _code(found: dict[str, Any], answer: httpx.Response) -> str:
    return str(found.get("code") or answer.status_code)
