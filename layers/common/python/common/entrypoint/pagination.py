"""Lists, a page at a time. A cursor is sealed: good for its caller and its query, and for no other."""

import base64
import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar

from aws_lambda_powertools.event_handler import Depends, Request
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from common.domain.errors import InvalidCursor

V = TypeVar("V")

Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=4096)]


class Listed(BaseModel, Generic[V]):
    items: list[V]
    next_cursor: str | None


class Cursors:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, after: Mapping[str, Any] | None, query: str) -> str | None:
        if after is None:
            return None
        text = json.dumps(after, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._seal(text, query) + text).decode().rstrip("=")

    def open(self, cursor: str | None, query: str) -> dict[str, Any] | None:
        if cursor is None:
            return None
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise InvalidCursor("This cursor is not one of ours.") from error
        seal, text = raw[:16], raw[16:]
        if not hmac.compare_digest(seal, self._seal(text, query)):
            raise InvalidCursor("This cursor is not one of ours, or belongs to another query.")
        after: dict[str, Any] = json.loads(text)
        return after

    def _seal(self, text: bytes, query: str) -> bytes:
        return hmac.digest(self._key, query.encode() + b"\0" + text, sha256)[:16]


def _query(request: Request) -> str:
    event = request.resolved_event.raw_event
    asked = {k: v for k, v in (event.get("queryStringParameters") or {}).items() if k not in ("cursor", "limit")}
    who = (event["requestContext"].get("authorizer", {}).get("lambda") or {}).get("sub", "")
    return json.dumps([who, event["rawPath"], asked], sort_keys=True)


ThisQuery = Annotated[str, Depends(_query)]
