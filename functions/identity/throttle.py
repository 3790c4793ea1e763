"""How often someone may try. The first few tries are free; after that each one doubles the wait for the next.

    pk              sk                       what
    tries#<who>     <kind>[#<source>]        how many, when the next may come, and when all is forgotten
    tries#<who>     known#<source>           they have signed in from there, and lately

`who` and `source` are hashes. Tries are counted before they are made, each on what it has read: a hundred at once get
no further than one by one. What is refused counts nowhere, so nobody can keep another one waiting for ever by asking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

from common.application.command_handler import again_if_outrun
from common.domain.errors import ConcurrentWrite, TooManyRequests
from common.infrastructure.rows import Row, Rows
from common.infrastructure.transaction import MISSING

FORGOTTEN = timedelta(minutes=15)  # after the last try; also the longest wait
KNOWN_FOR = timedelta(days=90)


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


LOGINS_FROM_ONE_SOURCE = Limit("here", free=10)  # to one account
LOGINS_FROM_OTHER_SOURCES = Limit("others", free=50)  # to one account, from all that it is not known from
LOGINS_FROM_KNOWN_SOURCES = Limit("known", free=1_000_000)  # as good as none: each of them has its own limit
LOGINS_PER_SOURCE = Limit("source", free=100)  # many people may share one address of the network
MAILS_PER_ADDRESS = Limit("mail", free=5, first_wait=FORGOTTEN)
SECRETS_PER_CUSTOMER = Limit("secret", free=5)  # of who is signed in already: their password, their one-time code
GUESTS_PER_SOURCE = Limit("guest", free=100)


class TooManyAttempts(TooManyRequests): ...


class Try(NamedTuple):
    limit: Limit
    who: str
    source: str = ""  # when who it is counts apart for each

    @property
    def key(self) -> tuple[str, str]:
        return _pk(self.who), f"{self.limit.kind}#{_hash(self.source)}" if self.source else self.limit.kind


class Throttle:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def admit(self, tries: Sequence[Try], at: datetime) -> None:
        """Count each of them, or raise TooManyAttempts and count none."""
        for position, one in enumerate(tries):
            try:
                again_if_outrun(lambda one=one: self._admit(one, at), attempts=10)  # type: ignore[misc]
            except TooManyAttempts:
                self.take_back(tries[:position], at)
                raise

    def _admit(self, one: Try, at: datetime) -> None:
        (pk, sk), now = one.key, int(at.timestamp())
        row = self._rows.get(pk, sk)
        tries = row["tries"] if row and row["expires_at"] > now else 0
        if row and tries and row["next_at"] > now:
            raise TooManyAttempts("Too many attempts. Wait a while.", retry_after=row["next_at"] - now)
        wait = one.limit.wait(tries + 1)
        counted = {
            "pk": pk,
            "sk": sk,
            "tries": tries + 1,
            "next_at": now + wait if wait else 0,
            "expires_at": now + wait + int(FORGOTTEN.total_seconds()),
        }
        if not self._replace(row, counted):
            raise ConcurrentWrite("Someone else is trying as well.")

    def _replace(self, seen: Row | None, counted: Row) -> bool:
        if seen is None:
            return self._rows.put(counted, MISSING)
        return self._rows.put(
            counted, "#tries = :tries AND #expires_at = :until", tries=seen["tries"], until=seen["expires_at"]
        )

    def forget(self, *tries: Try) -> None:
        """It was them: they start anew."""
        for one in tries:
            self._rows.delete(*one.key)

    def take_back(self, tries: Sequence[Try], at: datetime) -> None:
        """These, which were admitted at that time, do not count. Those of others do."""
        change = "SET #next_at = :at ADD #tries :less"
        for one in tries:
            self._rows.update(*one.key, change, "#tries > :none", at=int(at.timestamp()), less=-1, none=0)

    def knows(self, who: str, source: str, at: datetime) -> bool:
        """Whether they have signed in from there within the last 90 days."""
        row = self._rows.get(_pk(who), _known(source))
        return row is not None and row["expires_at"] > at.timestamp()

    def remember(self, who: str, source: str, at: datetime) -> None:
        until = int((at + KNOWN_FOR).timestamp())
        self._rows.put({"pk": _pk(who), "sk": _known(source), "expires_at": until})

    def forget_all(self, who: str) -> None:
        """Their tries, and where they are known from."""
        for row in self._rows.every(_pk(who)):
            self._rows.delete(row["pk"], row["sk"])


def network(source: str) -> str:
    """An address of the network as it is counted: one IPv4 address, or the /64 that an IPv6 user has to themselves."""
    try:
        return str(ip_network((source, 64), strict=False)) if isinstance(ip_address(source), IPv6Address) else source
    except ValueError:
        return source


def _pk(who: str) -> str:
    return f"tries#{_hash(who)}"


def _known(source: str) -> str:
    return f"known#{_hash(source)}"


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
