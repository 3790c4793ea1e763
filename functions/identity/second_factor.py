"""The second factor: one-time codes by the clock (RFC 6238: SHA-1, six digits, 30 seconds), and some for its loss.

A code of the step before or after the present one is taken too, for clocks that are not ours; each step is good once,
and none before the last that was used. A recovery code has 120 bits and is good once.

pk             sk              what
user#<id>      factor-begun    a secret that no code has proved yet; for an hour
user#<id>      factor          the secret, the last step that was used, the hashes of the recovery codes that are left

The secret is sealed by KMS for this customer: whoever reads the table, or puts it under another's key, has nothing.
"""

import base64
import hmac
import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import pyotp

from common.domain.errors import ConcurrentWrite, Conflict, Invalid
from common.infrastructure.rows import Row, Rows
from common.infrastructure.transaction import MISSING, Write, delete, put, update
from identity.customers import SECOND_FACTOR

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

ON, BEGUN = SECOND_FACTOR
PROVE_WITHIN = timedelta(hours=1)
DRIFT = 1  # steps
RECOVERY_CODES = 10

_DIGITS = re.compile(r"[0-9]{6}")


class WrongCode(Invalid):
    def __init__(self) -> None:
        super().__init__("This code is wrong, or was used before.", field="otp")


class NotBegun(Conflict): ...


class Begun(NamedTuple):
    secret: str  # base32, as authenticators take it
    recovery_codes: list[str]


class Proof(NamedTuple):
    """A right code, good once."""

    spend: Write  # to be committed with its effect; raises WrongCode when someone was faster
    recovery_left: int | None = None  # how many recovery codes are left after it, if it is one


class SecondFactors:
    def __init__(self, rows: Rows, kms: "KMSClient", key: str) -> None:
        self._rows = rows
        self._kms = kms
        self._key = key

    def begin(self, customer_id: str, at: datetime) -> Begun:
        """A new secret, in place of one that was begun and not proved."""
        begun = Begun(pyotp.random_base32(), [_recovery_code() for _ in range(RECOVERY_CODES)])
        row = {
            **_key(customer_id, BEGUN),
            "sealed": self._seal(customer_id, begun.secret),
            "recovery": [_hash(code) for code in begun.recovery_codes],
            "last_step": 0,
            "expires_at": int((at + PROVE_WITHIN).timestamp()),
        }
        self._rows.put(row)
        return begun

    def prove(self, customer_id: str, code: str, at: datetime) -> list[Write]:
        """What turns the begun one on. Raise NotBegun, or WrongCode."""
        row = self._rows.get(*_key(customer_id, BEGUN).values())
        if row is None or row["expires_at"] <= at.timestamp():
            raise NotBegun("Ask for a secret first.")
        step = self._step(customer_id, row, code, at)
        if step is None:
            raise WrongCode
        on = {**_key(customer_id, ON), "sealed": row["sealed"], "recovery": row["recovery"], "last_step": step}
        raced = ConcurrentWrite("The second factor has just changed.")
        this = "#sealed = :sealed"
        return [
            put(self._rows.table, on, raced, MISSING),
            delete(self._rows.table, _key(customer_id, BEGUN), raced, this, sealed=row["sealed"]),
        ]

    def check(self, customer_id: str, code: str, at: datetime) -> Proof:
        """Raise WrongCode unless it is right, and was never used."""
        row = self._rows.get(*_key(customer_id, ON).values())
        if row is None:
            raise WrongCode
        if _DIGITS.fullmatch(code):
            step = self._step(customer_id, row, code, at)
            if step is None:
                raise WrongCode
            later = "#last_step < :step"
            return Proof(update(self._rows.table, _pick(row), "SET #last_step = :step", WrongCode(), later, step=step))
        left = [known for known in row["recovery"] if not hmac.compare_digest(known, _hash(code))]
        if len(left) == len(row["recovery"]):
            raise WrongCode
        same = "#recovery = :seen"
        change = "SET #recovery = :left"
        spend = update(self._rows.table, _pick(row), change, WrongCode(), same, seen=row["recovery"], left=left)
        return Proof(spend, len(left))

    def forget(self, customer_id: str) -> Write:
        """Take it away, with what says so."""
        return delete(self._rows.table, _key(customer_id, ON), ConcurrentWrite("The second factor has just changed."))

    def _step(self, customer_id: str, row: Row, code: str, at: datetime) -> int | None:
        """Which of the steps around now the code belongs to, if it is after the last that was used."""
        totp = pyotp.TOTP(self._open(customer_id, row["sealed"]))
        now = int(at.timestamp()) // totp.interval
        near = [step for step in range(now - DRIFT, now + DRIFT + 1) if step > row["last_step"]]
        right = [step for step in near if hmac.compare_digest(totp.generate_otp(step), code)]
        return right[0] if right else None

    def _seal(self, customer_id: str, secret: str) -> str:
        sealed = self._kms.encrypt(
            KeyId=self._key, Plaintext=secret.encode(), EncryptionContext={"customer_id": customer_id}
        )
        return base64.b64encode(sealed["CiphertextBlob"]).decode()

    def _open(self, customer_id: str, sealed: str) -> str:
        opened = self._kms.decrypt(
            KeyId=self._key, CiphertextBlob=base64.b64decode(sealed), EncryptionContext={"customer_id": customer_id}
        )
        return opened["Plaintext"].decode()


def otpauth_uri(secret: str, email: str, issuer: str) -> str:
    """As authenticators read it off a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def _recovery_code() -> str:
    """`abcdef-ghijkl-mnopqr-stuvwx`: 15 random bytes in base32, to be written down."""
    text = base64.b32encode(secrets.token_bytes(15)).decode().lower()
    return "-".join(text[start : start + 6] for start in range(0, len(text), 6))


def _hash(recovery_code: str) -> str:
    """However it is typed. With 120 random bits it needs no slow hash (OWASP ASVS 5.0, 6.5.2: from 112 on)."""
    return sha256(re.sub(r"[\s-]", "", recovery_code).lower().encode()).hexdigest()


def _key(customer_id: str, sk: str) -> dict[str, str]:
    return {"pk": f"user#{customer_id}", "sk": sk}


def _pick(row: Row) -> dict[str, str]:
    return {"pk": row["pk"], "sk": row["sk"]}
