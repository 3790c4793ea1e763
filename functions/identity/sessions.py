"""Refresh tokens: `<sid>.<family>.<secret>`, kept as hashes only. Each use spends one and makes the next.

`family` is the same in all tokens of a session, so a spent one can be told from an invented one without a list of
those that were spent: who knows the family but not the secret of the day shows an old token, and the session ends.

There is one grace, for an answer that was lost: the request that made the next token, sent again within 30 seconds
with the same token and the same Idempotency-Key, is told that token again. A stolen token alone does not get it.

    pk               sk   what
    session#<sid>    -    whose it is, the hashes, the account's epoch at its start, until when, `ended` if it is;
                          gsi1 by customer while it lives
"""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from common.application.command_handler import again_if_outrun
from common.domain.errors import ConcurrentWrite, Unauthenticated
from common.domain.message import Origin
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.rows import THE_ONE, Page, Row, Rows
from common.infrastructure.transaction import MISSING, put, update
from identity.customers import of_customer
from identity.events import AnySessionEvent, EndOfSession, SessionEnded, SessionStarted

LIFETIME = timedelta(days=30)
GRACE = timedelta(seconds=30)


class InvalidRefreshToken(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("This refresh token is not valid, or no longer. Sign in again.")


class Session(NamedTuple):
    sid: str
    customer_id: str
    epoch: int
    row: Row
    family: str = ""
    secret: str = ""  # as it was shown, which may be a spent one

    @property
    def spent(self) -> bool:
        return not hmac.compare_digest(self.row["current"], _hash(self.secret))


class Rotation(NamedTuple):
    refresh_token: str
    repeated: bool = False  # it was told before


class Sessions:
    def __init__(self, streams: DynamoRepository[AnySessionEvent], rows: Rows) -> None:
        self._streams = streams
        self._rows = rows

    def start(
        self,
        sid: str,
        customer_id: str,
        epoch: int,
        at: datetime,
        origin: Origin,
        *,
        user_agent: str = "",
        lifetime: timedelta = LIFETIME,
    ) -> str:
        """The first refresh token."""
        family, secret = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        now = int(at.timestamp())
        row = {
            **_key(sid),
            **of_customer(customer_id, f"session#{at.isoformat(timespec='milliseconds')}#{sid}"),
            "customer_id": customer_id,
            "epoch": epoch,
            "family": _hash(family),
            "current": _hash(secret),
            "user_agent": user_agent[:200],
            "started_at": now,
            "used_at": now,
            "expires_at": now + int(lifetime.total_seconds()),
        }
        started = SessionStarted(sid=sid, customer_id=customer_id, at=at)
        also = [put(self._rows.table, row, ConcurrentWrite("The session exists."), MISSING)]
        self._streams.save(sid, 0, [started], origin, also=also)
        return f"{sid}.{family}.{secret}"

    def find(self, token: str, at: datetime) -> Session:
        """The living session of a token that is, or was, one of its own. Else raise InvalidRefreshToken."""
        sid, family, secret = (*token.split("."), "", "")[:3]
        found = self.get(sid, at)
        if found is None or not hmac.compare_digest(found.row["family"], _hash(family)):
            raise InvalidRefreshToken
        return found._replace(family=family, secret=secret)

    def get(self, sid: str, at: datetime) -> Session | None:
        """One that lives. Whether the account still is of its epoch is for who knows the account."""
        row = self._rows.get(_key(sid)["pk"])
        if row is None or "ended" in row or row["expires_at"] <= at.timestamp():
            return None
        return Session(sid, row["customer_id"], row["epoch"], row)

    def owner(self, sid: str) -> str | None:
        """Whose it is, or was."""
        row = self._rows.get(_key(sid)["pk"])
        return row["customer_id"] if row else None

    def rotate(self, session: Session, request: str, at: datetime) -> Rotation | None:
        """The next refresh token, or None when the one that was shown is spent. `request`: its Idempotency-Key."""
        if session.spent:
            return self._told_before(session, request, at)
        salt = secrets.token_urlsafe(16)
        following = _following(session, request, salt)
        change: dict[str, Any] = {
            "current": _hash(session.secret),
            "next": _hash(following),
            "salt": salt if request else "",
            "now": int(at.timestamp()),
        }
        alive = "#current = :current AND attribute_not_exists(#ended)"
        key = _key(session.sid)
        move = "SET #previous = :current, #current = :next, #salt = :salt, #used_at = :now"
        if not self._rows.update(key["pk"], key["sk"], move, alive, **change):
            row = self._rows.get(key["pk"])
            if row is None or "ended" in row:
                return None
            if row["current"] != change["next"]:  # else a retry of the SDK's met its own first write
                return self._told_before(session._replace(row=row), request, at)
        return Rotation(f"{session.sid}.{session.family}.{following}")

    def _told_before(self, session: Session, request: str, at: datetime) -> Rotation | None:
        """The token that this very request has made, while nobody has used it and it may still be on its way."""
        row = session.row
        if not request or not row.get("salt") or at.timestamp() - row["used_at"] > GRACE.total_seconds():
            return None
        following = _following(session, request, row["salt"])
        if row["previous"] != _hash(session.secret) or not hmac.compare_digest(row["current"], _hash(following)):
            return None
        return Rotation(f"{session.sid}.{session.family}.{following}", repeated=True)

    def page(self, customer_id: str, epoch: int, at: datetime, limit: int, after: dict[str, Any] | None) -> Page:
        """Those that live, the newest first."""
        index = of_customer(customer_id, "session#")
        return self._rows.query(
            index["gsi1pk"],
            index="gsi1",
            prefix=index["gsi1sk"],
            limit=limit,
            after=after,
            newest_first=True,
            filters=["#epoch = :epoch", "#expires_at > :now"],
            epoch=epoch,
            now=int(at.timestamp()),
        )

    def end(self, sid: str, cause: EndOfSession, at: datetime, origin: Origin) -> None:
        """No token of the family is good from here on."""
        again_if_outrun(lambda: self._end(sid, cause, at, origin))

    def _end(self, sid: str, cause: EndOfSession, at: datetime, origin: Origin) -> None:
        row = self._rows.get(_key(sid)["pk"])
        if row is None or "ended" in row:
            return
        ended = SessionEnded(sid=sid, customer_id=row["customer_id"], cause=cause, at=at)
        outrun = ConcurrentWrite("The session has just changed.")
        forgotten = "REMOVE #gsi1pk, #gsi1sk, #user_agent"
        mark = update(self._rows.table, _key(sid), f"SET #ended = :cause {forgotten}", outrun, cause=cause)
        self._streams.save(sid, 1, [ended], origin, also=[mark])


def _following(session: Session, request: str, salt: str) -> str:
    """Random; or, for a request that may be sent again, what only its token, its key and our salt together make."""
    if not request:
        return secrets.token_urlsafe(32)
    return hmac.digest(salt.encode(), f"{session.secret}\0{request}".encode(), sha256).hex()


def _key(sid: str) -> dict[str, str]:
    return {"pk": f"session#{sid}", "sk": THE_ONE}


def _hash(secret: str) -> str:
    """A secret of 128 random bits or more needs no salt and no slow hash."""
    return sha256(secret.encode()).hexdigest()
