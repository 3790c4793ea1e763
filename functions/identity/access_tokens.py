"""Access tokens: JWTs (RFC 9068's `at+jwt`), signed by KMS with RS256, checked as RFC 8725 asks."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.algorithms import RSAAlgorithm

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

AUDIENCE = "commerce"
LIFETIME = timedelta(minutes=10)
TYPE = "at+jwt"
CLAIMS = ("iss", "aud", "sub", "exp", "iat", "jti", "sid", "roles")


def kid(kms_key: str) -> str:
    """What a key is called outside: the same for one key, and nothing of KMS."""
    return sha256(kms_key.encode()).hexdigest()[:16]


class Signer:
    def __init__(self, kms: "KMSClient", kms_key: str, issuer: str) -> None:
        self._kms = kms
        self._key = kms_key
        self._issuer = issuer

    def sign(self, *, sub: str, sid: str, roles: Iterable[str], jti: str, at: datetime) -> str:
        """KMS hashes what it signs; with two roles at most, that stays far below its 4,096 bytes."""
        now = int(at.timestamp())
        exp = now + int(LIFETIME.total_seconds())
        claims = {"iss": self._issuer, "aud": AUDIENCE, "sub": sub, "sid": sid, "roles": sorted(roles)}
        header = _part({"alg": "RS256", "typ": TYPE, "kid": kid(self._key)})
        signed = b".".join((header, _part({**claims, "jti": jti, "iat": now, "exp": exp})))
        answer = self._kms.sign(
            KeyId=self._key, Message=signed, MessageType="RAW", SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256"
        )
        return b".".join((signed, _base64url(answer["Signature"]))).decode()


def _part(value: Mapping[str, Any]) -> bytes:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def public_keys(kms: "KMSClient", kms_keys: Iterable[str]) -> dict[str, RSAPublicKey]:
    """By key id. The first one signs; the others are verified until their last token has expired."""
    found = {kid(key): load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"]) for key in kms_keys}
    return {name: key for name, key in found.items() if isinstance(key, RSAPublicKey)}


def jwks(keys: Mapping[str, RSAPublicKey]) -> list[dict[str, str]]:
    """RFC 7517."""
    parts = {name: RSAAlgorithm.to_jwk(key, as_dict=True) for name, key in keys.items()}
    return [
        {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": name, "n": str(part["n"]), "e": str(part["e"])}
        for name, part in parts.items()
    ]


class TokenInvalid(Exception): ...


class TokenExpired(Exception): ...


@dataclass(frozen=True)
class Verifier:
    keys: Mapping[str, RSAPublicKey]
    issuer: str

    def claims(self, token: str, now: float) -> dict[str, Any]:
        """What a genuine token says. Raise TokenInvalid, or TokenExpired if time is all that is wrong with it."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(token),
                algorithms=["RS256"],
                audience=AUDIENCE,
                issuer=self.issuer,
                # Time is the request's; PyJWT would ask the clock of the machine.
                options={"require": list(CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.InvalidTokenError as error:
            raise TokenInvalid from error
        if type(claims["exp"]) is not int:
            raise TokenInvalid
        if claims["exp"] <= now:
            raise TokenExpired
        return claims

    def _key(self, token: str) -> RSAPublicKey:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != TYPE or header.get("kid") not in self.keys:
            raise TokenInvalid
        return self.keys[header["kid"]]
