"""The answer to a keyed request, kept beside its effect: written in the same transaction, found by the next repeat.

An answer that says something personal is kept sealed, with the key of the person it is about.
"""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from common.domain.errors import AlreadyDone, IdempotencyKeyReused
from common.domain.sealed import PersonErased, Sealed
from common.infrastructure.rows import THE_ONE, Row, Rows
from common.infrastructure.transaction import MISSING, Write, put

if TYPE_CHECKING:
    from common.infrastructure.person_keys import PersonKeys

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
    about: str = ""  # the person of whom it says something personal


class KeptBody(BaseModel):
    text: str


class IdempotencyRecords:
    """`person_keys` are needed by who answers with something personal."""

    def __init__(self, rows: Rows, person_keys: "PersonKeys | None" = None) -> None:
        self._rows = rows
        self._person_keys = person_keys

    def find(self, request: KeyedRequest) -> Answer | None:
        """The first answer, or None. Raise IdempotencyKeyReused when the key came with another request, PersonErased
        when the answer was about one who is gone."""
        row = self._rows.get(request.pk)
        if row is None or row["expires_at"] < request.at.timestamp():
            return None
        if row["fingerprint"] != request.fingerprint:
            raise IdempotencyKeyReused("This Idempotency-Key has come with another request.")
        return Answer(row["status"], self._opened(row), row["headers"])

    def keep(self, request: KeyedRequest, answer: Answer) -> None:
        """Where nothing happened that it could be committed with."""
        self._rows.commit([self.record(request, answer)])

    def record(self, request: KeyedRequest, answer: Answer) -> Write:
        """To be committed with the effect. Raises AlreadyDone when a twin was faster."""
        row = {
            "pk": request.pk,
            "sk": THE_ONE,
            "fingerprint": request.fingerprint,
            "status": answer.status,
            "headers": answer.headers,
            **self._kept(answer),
            "expires_at": int((request.at + REMEMBERED).timestamp()),
        }
        now = int(request.at.timestamp())
        twin = AlreadyDone("This request is being answered already.")
        return put(self._rows.table, row, twin, f"{MISSING} OR #expires_at < :now", now=now)

    def _kept(self, answer: Answer) -> dict[str, Any]:
        if not answer.about:
            return {"body": answer.body}
        assert self._person_keys, "whoever answers with something personal has been given the keys"
        return {"sealed": self._person_keys.seal(answer.about, KeptBody(text=answer.body)).model_dump()}

    def _opened(self, row: Row) -> str:
        if "body" in row:
            return str(row["body"])
        assert self._person_keys, "whoever answers with something personal has been given the keys"
        opened = self._person_keys.open(Sealed.model_validate(row["sealed"]), KeptBody)
        if opened is None:
            raise PersonErased("This account has been erased.")
        return opened.text
