"""Addresses and passwords, as people type them and as we keep them."""

import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# OWASP's Password Storage Cheat Sheet for Argon2id: 19 MiB, two passes, one lane.
MEMORY_KIB, PASSES, LANES = 19456, 2, 1
# Of a password that nobody has, by the same parameters: comparing with it costs what comparing with a real one does.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$yVNwYyw+RAlibyuEvyqzqQ$nYwnNgz2FccaKUfTt8dionDPnS0C9x1yeqqEw+1ePGk"

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# RFC 5321's dot-string at a domain of two labels or more. What SES cannot send to is no address here.
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")


def normalised(email: str) -> str:
    """One spelling per mailbox, for keys."""
    return unicodedata.normalize("NFC", email).strip().lower()


def address(email: str) -> str:
    """Normalised. Raise ValueError if no mail can be sent there."""
    if not _ADDRESS.fullmatch(normalised(email)):
        raise ValueError("this is not an e-mail address")
    return normalised(email)


class Passwords:
    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)

    def hash(self, password: str) -> str:
        return self._hasher.hash(_composed(password))

    def match(self, password: str, password_hash: str | None) -> bool:
        """The same work whether there is a hash to compare with or none."""
        try:
            self._hasher.verify(password_hash or NOBODYS, _composed(password))
        except (VerifyMismatchError, InvalidHashError):
            return False
        return password_hash is not None


def _composed(password: str) -> str:
    """NFKC, so that a password is the same from every keyboard (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
