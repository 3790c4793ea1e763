"""What commands of ours ask the API for, as one of the staff: here, or of a deployed platform."""

from typing import Any, Final
from uuid import uuid4

import httpx

from local.cli.output import Problem
from local.cli.whereabouts import client, running

TIMEOUT_S: Final = 30


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


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _code(found: dict[str, Any], answer: httpx.Response) -> str:
    return str(found.get("code") or answer.status_code)
