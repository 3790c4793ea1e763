"""Idempotency keys as Stripe's API v1 keeps them (https://docs.stripe.com/api/idempotent_requests).

A key is saved with the answer once execution has begun, whether it went well or not, and is kept for 24 hours. The same
request gets that answer again; another one is refused.
"""

import time
from dataclasses import dataclass

from sandbox.request import Json
from sandbox.stripe.errors import InvalidParameter, StripeError

KEPT_FOR = 24 * 3_600
LONGEST_KEY = 255


@dataclass(frozen=True)
class SavedAnswer:
    path: str
    params: Json
    status: int
    body: bytes
    request_id: str
    at: float


class SavedAnswers:
    def __init__(self) -> None:
        self._by_key: dict[str, SavedAnswer] = {}

    def find(self, key: str, path: str, params: Json) -> SavedAnswer | None:
        if len(key) > LONGEST_KEY:
            raise InvalidParameter("Idempotency-Key", f"Idempotency keys are at most {LONGEST_KEY} characters long.")
        saved = self._by_key.get(key)
        if saved is None or saved.at + KEPT_FOR <= time.time():
            return None
        if saved.path != path:
            only = f"the same endpoint they were first used for ('{saved.path}' vs '{path}')"
            raise _reused(
                f"Keys for idempotent requests can only be used for {only}. Try using a key other than '{key}'."
            )
        if saved.params != params:
            only = "with the same parameters they were first used with"
            raise _reused(f"Keys for idempotent requests can only be used {only}. Try using a key other than '{key}'.")
        return saved

    def save(self, key: str, answer: SavedAnswer) -> None:
        self._by_key[key] = answer


def _reused(message: str) -> StripeError:
    return StripeError(400, "idempotency_error", message)
