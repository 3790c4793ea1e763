"""Proofs that something comes from us, by a MAC that KMS makes: the key never leaves it, and no table holds a proof."""

import base64
import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

LENGTH = 43  # of a MAC by SHA-256 in base64url without padding


class Seals:
    """`purpose` keeps what is sealed for one thing from being good for another."""

    def __init__(self, kms: "KMSClient", key: str) -> None:
        self._kms = kms
        self._key = key

    def mac(self, purpose: str, text: str) -> str:
        made = self._kms.generate_mac(KeyId=self._key, MacAlgorithm="HMAC_SHA_256", Message=_message(purpose, text))
        return base64.urlsafe_b64encode(made["Mac"]).decode().rstrip("=")

    def token(self, purpose: str, text: str) -> str:
        """`<text>.<mac>`."""
        return f"{text}.{self.mac(purpose, text)}"

    def opened(self, purpose: str, token: str) -> str | None:
        """The text of a genuine token, or None."""
        text, _, mac = token.rpartition(".")
        return text if len(mac) == LENGTH and self._genuine(purpose, text, mac) else None

    def _genuine(self, purpose: str, text: str, mac: str) -> bool:
        try:
            raw = base64.b64decode(f"{mac}=", altchars=b"-_", validate=True)
            self._kms.verify_mac(KeyId=self._key, MacAlgorithm="HMAC_SHA_256", Message=_message(purpose, text), Mac=raw)
        except (ValueError, binascii.Error, self._kms.exceptions.KMSInvalidMacException):
            return False
        return True


def _message(purpose: str, text: str) -> bytes:
    return f"{purpose}:{text}".encode()
