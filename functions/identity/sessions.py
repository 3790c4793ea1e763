"""Refresh tokens: `<sid>.<family>.<secret>`, kept as hashes only. Each use spends one and makes the next.

`family` is the same in all tokens of a session, so a spent one can be told from an invented one without a list of
those that were spent: who knows the family but not the secret of the day shows an old token, and the session ends.

    pk               sk   what
    session#<sid>    -    whose it is, the two hashes, the account's epoch at its start, until when, `ended` if it is
"""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, NamedTuple

from common.application.command_handler import again_if_outrun
from common.domain.errors import ConcurrentWrite, Unauthenticated
from common.domain.message import Origin
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.rows import THE_ONE, Rows
from common.infrastructure.transaction import MISSING, put, update
from identity.events import AnySessionEvent, SessionEnded, SessionStarted

LIFETIME = timedelta(days=30)


class InvalidRefreshToken(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("This refresh token is not valid, or no longer. Sign in again.")


class Session(NamedTuple):
    sid: str
    customer_id: str
    epoch: int
    family: str
    secret: str  # as it was shown, which may be a spent one
    current: str  # the hash of the one that is not

    @property
    def spent(self) -> bool:
        return not hmac.compare_digest(self.current, _hash(self.secret))


class Sessions:
    def __init__(self, streams: DynamoRepository[AnySessionEvent], rows: Rows) -> None:
        self._streams = streams
        self._rows = rows

    def start(self, sid: str, customer_id: str, epoch: int, at: datetime, origin: Origin) -> str:
        """The first refresh token."""
        family, secret = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        row = {
            **_key(sid),
            "customer_id": customer_id,
            "epoch": epoch,
            "family": _hash(family),
            "current": _hash(secret),
            "expires_at": int((at + LIFETIME).timestamp()),
        }
        started = SessionStarted(sid=sid, customer_id=customer_id, at=at)
        also = [put(self._rows.table, row, ConcurrentWrite("The session exists."), MISSING)]
        self._streams.save(sid, 0, [started], origin, also=also)
        return f"{sid}.{family}.{secret}"

    def find(self, token: str, at: datetime) -> Session:
        """The living session of a token that is, or was, one of its own. Else raise InvalidRefreshToken."""
        sid, family, secret = (*token.split("."), "", "")[:3]
        row = self._rows.get(_key(sid)["pk"])
        if row is None or not hmac.compare_digest(row["family"], _hash(family)):
            raise InvalidRefreshToken
        if "ended" in row or row["expires_at"] <= at.timestamp():
            raise InvalidRefreshToken
        return Session(sid, row["customer_id"], row["epoch"], family, secret, row["current"])

    def rotate(self, session: Session) -> str | None:
        """The next refresh token, or None when the one that was shown is spent by now."""
        secret = secrets.token_urlsafe(32)
        change = {"current": _hash(session.secret), "next": _hash(secret)}
        alive = "#current = :current AND attribute_not_exists(#ended)"
        key = _key(session.sid)
        if not self._rows.update(key["pk"], key["sk"], "SET #current = :next", alive, **change):
            row = self._rows.get(key["pk"])
            if row is None or row["current"] != change["next"]:  # else a retry of the SDK's met its own first write
                return None
        return f"{session.sid}.{session.family}.{secret}"

    def end(self, session: Session, cause: Literal["logout", "reused"], at: datetime, origin: Origin) -> None:
        """No token of the family is good from here on."""
        again_if_outrun(lambda: self._end(session, cause, at, origin))

    def _end(self, session: Session, cause: Literal["logout", "reused"], at: datetime, origin: Origin) -> None:
        row = self._rows.get(_key(session.sid)["pk"])
        if row is None or "ended" in row:
            return
        ended = SessionEnded(sid=session.sid, customer_id=session.customer_id, cause=cause, at=at)
        outrun = ConcurrentWrite("The session has just changed.")
        mark = update(self._rows.table, _key(session.sid), "SET #ended = :cause", outrun, cause=cause)
        self._streams.save(session.sid, 1, [ended], origin, also=[mark])


def _key(sid: str) -> dict[str, str]:
    return {"pk": f"session#{sid}", "sk": THE_ONE}


def _hash(secret: str) -> str:
    """A secret of 128 random bits or more needs no salt and no slow hash."""
    return sha256(secret.encode()).hexdigest()
