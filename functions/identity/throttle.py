"""How often someone may try. The first few tries are free; after that each one doubles the wait for the next.

    pk                       sk   what
    tries#<kind>#<hash>      -    how many, when the next may come, and when all is forgotten

Tries are counted before they are made, each on what it has read: a hundred at once get no further than one by one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from common.application.command_handler import again_if_outrun
from common.domain.errors import ConcurrentWrite, TooManyRequests
from common.infrastructure.rows import THE_ONE, Rows
from common.infrastructure.transaction import MISSING

FORGOTTEN = timedelta(minutes=15)  # after the last try; also the longest wait


@dataclass(frozen=True)
class Limit:
    kind: str
    free: int  # tries without a wait
    first_wait: timedelta = timedelta(seconds=1)

    def wait(self, tries: int) -> int:
        """Seconds to wait after that many."""
        if tries < self.free:
            return 0
        doublings = min(tries - self.free, 20)
        return int(min(self.first_wait * 2**doublings, FORGOTTEN).total_seconds())


LOGINS_PER_ACCOUNT = Limit("account", free=10)
LOGINS_PER_SOURCE = Limit("source", free=100)  # many people may share one address of the network
MAILS_PER_ADDRESS = Limit("mail", free=5, first_wait=FORGOTTEN)


class TooManyAttempts(TooManyRequests): ...


class Throttle:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def admit(self, limit: Limit, who: str, at: datetime) -> None:
        """Count a try, or raise TooManyAttempts and count nothing."""
        again_if_outrun(lambda: self._admit(limit, who, at), attempts=10)

    def _admit(self, limit: Limit, who: str, at: datetime) -> None:
        pk, now = _pk(limit, who), int(at.timestamp())
        row = self._rows.get(pk)
        tries = row["tries"] if row and row["expires_at"] > now else 0
        if row and tries and row["next_at"] > now:
            raise TooManyAttempts("Too many attempts. Wait a while.", retry_after=row["next_at"] - now)
        wait = limit.wait(tries + 1)
        counted = {
            "pk": pk,
            "sk": THE_ONE,
            "tries": tries + 1,
            "next_at": now + wait,
            "expires_at": now + wait + int(FORGOTTEN.total_seconds()),
        }
        if row is None:
            written = self._rows.put(counted, MISSING)
        else:
            seen = {"tries": row["tries"], "until": row["expires_at"]}
            written = self._rows.put(counted, "#tries = :tries AND #expires_at = :until", **seen)
        if not written:
            raise ConcurrentWrite("Someone else is trying as well.")

    def forget(self, limit: Limit, who: str) -> None:
        """It was them: they start anew."""
        self._rows.delete(_pk(limit, who))

    def take_back(self, limit: Limit, who: str) -> None:
        """This try does not count. Those of others do."""
        self._rows.update(_pk(limit, who), THE_ONE, "ADD #tries :less", "#tries > :none", less=-1, none=0)


def _pk(limit: Limit, who: str) -> str:
    return f"tries#{limit.kind}#{sha256(who.encode()).hexdigest()}"
