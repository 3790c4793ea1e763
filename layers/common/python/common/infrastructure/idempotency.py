"""The answer to a keyed request, kept beside its effect: written in the same transaction, found by the next repeat."""

import json
from datetime import datetime, timedelta
from typing import NamedTuple

from common.domain.errors import AlreadyDone, IdempotencyKeyReused
from common.infrastructure.rows import THE_ONE, Rows
from common.infrastructure.transaction import MISSING, Write, put

REMEMBERED = timedelta(hours=48)


class KeyedRequest(NamedTuple):
    """Who asks for what, under which key. `fingerprint` tells a repeat from another request."""

    caller: str
    route: str
    key: str
    fingerprint: str
    at: datetime

    @property
    def pk(self) -> str:
        return f"idempotency#{json.dumps([self.caller, self.route, self.key])}"


class Answer(NamedTuple):
    status: int
    body: str  # JSON
    headers: dict[str, str]


class IdempotencyRecords:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def find(self, request: KeyedRequest) -> Answer | None:
        """The first answer, or None. Raise IdempotencyKeyReused when the key came with another request."""
        row = self._rows.get(request.pk)
        if row is None or row["expires_at"] < request.at.timestamp():
            return None
        if row["fingerprint"] != request.fingerprint:
            raise IdempotencyKeyReused("This Idempotency-Key has come with another request.")
        return Answer(row["status"], row["body"], row["headers"])

    def keep(self, request: KeyedRequest, answer: Answer) -> None:
        """Where nothing happened that it could be committed with."""
        self._rows.commit([self.record(request, answer)])

    def record(self, request: KeyedRequest, answer: Answer) -> Write:
        """To be committed with the effect. Raises AlreadyDone when a twin was faster."""
        row = {
            "pk": request.pk,
            "sk": THE_ONE,
            "fingerprint": request.fingerprint,
            **answer._asdict(),
            "expires_at": int((request.at + REMEMBERED).timestamp()),
        }
        now = int(request.at.timestamp())
        twin = AlreadyDone("This request is being answered already.")
        return put(self._rows.table, row, twin, f"{MISSING} OR #expires_at < :now", now=now)
