"""Proofs that something comes from us: HMAC-SHA-256 (RFC 2104), base64url without padding. No table holds one.

The key is KMS's, which never shows it, or a secret that is read once. The first costs a call for each proof and is for
what opens an account; the second is for what every mail needs.
"""

import base64
import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

Mac = Callable[[bytes], bytes]


def by_kms(kms: "KMSClient", key: str) -> Mac:
    return lambda message: kms.generate_mac(KeyId=key, MacAlgorithm="HMAC_SHA_256", Message=message)["Mac"]


def by_secret(key: str) -> Mac:
    return lambda message: hmac.digest(key.encode(), message, sha256)


class Seals:
    """`purpose` keeps what is sealed for one thing from being good for another."""

    def __init__(self, mac: Mac) -> None:
        self._mac = mac

    def mac(self, purpose: str, text: str) -> str:
        return base64.urlsafe_b64encode(self._mac(f"{purpose}:{text}".encode())).decode().rstrip("=")

    def token(self, purpose: str, text: str) -> str:
        """`<text>.<mac>`."""
        return f"{text}.{self.mac(purpose, text)}"

    def opened(self, purpose: str, token: str) -> str | None:
        """The text of a genuine token, or None."""
        text, _, mac = token.rpartition(".")
        return text if hmac.compare_digest(mac.encode(), self.mac(purpose, text).encode()) else None
