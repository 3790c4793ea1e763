"""Access tokens: JWTs (RFC 9068's `at+jwt`), signed by KMS with RS256, checked as RFC 8725 asks."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from common.domain.errors import Unavailable
from identity.key_ring import KeyRing, kid

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

AUDIENCE = "commerce"
LIFETIME = timedelta(minutes=10)
TYPE = "at+jwt"
HEADER = {"alg", "typ", "kid"}
CLAIMS = ("iss", "aud", "sub", "exp", "iat", "jti", "sid", "roles")


class Signer:
    def __init__(self, kms: "KMSClient", ring: KeyRing, issuer: str) -> None:
        self._kms = kms
        self._ring = ring
        self._issuer = issuer

    def sign(self, *, sub: str, sid: str, roles: Iterable[str], jti: str, at: datetime) -> str:
        """KMS hashes what it signs; with two roles at most, that stays far below its 4,096 bytes."""
        now = int(at.timestamp())
        exp = now + int(LIFETIME.total_seconds())
        claims = {"iss": self._issuer, "aud": AUDIENCE, "sub": sub, "sid": sid, "roles": sorted(roles)}
        return self._signed({**claims, "jti": jti, "iat": now, "exp": exp}, at)

    def _signed(self, claims: Mapping[str, Any], at: datetime) -> str:
        """Again, if the aliases were moved between the naming of the key and its signing."""
        for _ in range(3):
            key = self._ring.signs(at)
            signed = b".".join((_part({"alg": "RS256", "typ": TYPE, "kid": key.kid}), _part(claims)))
            answer = self._kms.sign(
                KeyId=key.alias, Message=signed, MessageType="RAW", SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256"
            )
            if kid(answer["KeyId"]) == key.kid:
                return b".".join((signed, _base64url(answer["Signature"]))).decode()
            self._ring.forget()
        raise Unavailable("The signing keys are being changed. Try again.", retry_after=1)


def _part(value: Mapping[str, Any]) -> bytes:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def jwks(keys: Mapping[str, RSAPublicKey]) -> list[dict[str, str]]:
    """RFC 7517."""
    parts = {name: RSAAlgorithm.to_jwk(key, as_dict=True) for name, key in keys.items()}
    return [
        {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": name, "n": str(part["n"]), "e": str(part["e"])}
        for name, part in parts.items()
    ]


class TokenInvalid(Exception): ...


class KeyUnknown(TokenInvalid): ...


class TokenExpired(Exception): ...


@dataclass(frozen=True)
class Verifier:
    keys: Mapping[str, RSAPublicKey]
    issuer: str

    def claims(self, token: str, now: float) -> dict[str, Any]:
        """What a genuine token says. Raise TokenInvalid, or TokenExpired if time is all that is wrong with it.

        KeyUnknown: it names a key that is none of these, which may be newer than they are.
        """
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
        """Ours, by its name. A token that brings a key along (`jwk`, `jku`, `x5c`…), or anything else, is not."""
        header = jwt.get_unverified_header(token)
        if header.keys() != HEADER or header["typ"] != TYPE:
            raise TokenInvalid
        if header["kid"] not in self.keys:
            raise KeyUnknown
        return self.keys[header["kid"]]
