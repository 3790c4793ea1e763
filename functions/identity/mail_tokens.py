"""Tokens that travel by mail: `<token_id>.<mac>`.

The id is ours and stands in a row, the MAC is KMS's and stands nowhere: notification computes it when it writes the
mail, so that neither a table nor an event holds what confirms an address. A row is spent together with its effect.

    pk               sk   what
    token#<id>       -    purpose, whose it is, until when; what the effect needs (the password's hash, the name);
                          gsi1 by customer
"""

import base64
import re
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from common.infrastructure.rows import THE_ONE, Row, Rows
from common.infrastructure.transaction import MISSING, Write, put, update
from identity.customers import NOBODY, of_customer
from identity.decider import InvalidToken

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

Purpose = Literal["confirm", "reset"]

_TOKEN = re.compile(r"([0-9a-f]{32})\.([A-Za-z0-9_-]{43})")


class Redeemed(NamedTuple):
    customer_id: str
    row: Row
    spend: Write  # to be committed with the effect; raises InvalidToken when someone was faster


class MailTokens:
    def __init__(self, rows: Rows, kms: "KMSClient", key: str) -> None:
        self._rows = rows
        self._kms = kms
        self._key = key

    def issue(self, token_id: str, purpose: Purpose, customer_id: str, expires_at: datetime, **bound: str) -> Write:
        row = {
            "pk": f"token#{token_id}",
            "sk": THE_ONE,
            **of_customer(customer_id, f"token#{token_id}"),
            "purpose": purpose,
            "customer_id": customer_id,
            **bound,
            "expires_at": int(expires_at.timestamp()),
        }
        return put(self._rows.table, row, InvalidToken(), MISSING)

    def decoy(self, token_id: str, expires_at: datetime) -> Write:
        """A token of no use and nobody's, so that an address that gets none costs a write as well."""
        return self.issue(token_id, "reset", NOBODY, expires_at)

    def redeem(self, token: str, purpose: Purpose, at: datetime) -> Redeemed:
        """Raise InvalidToken unless it is genuine, unspent, in time and for this purpose."""
        parts = _TOKEN.fullmatch(token)
        if parts is None or not self._genuine(f"{purpose}:{parts[1]}", parts[2]):
            raise InvalidToken
        row = self._rows.get(f"token#{parts[1]}")
        if row is None or row["purpose"] != purpose or row["expires_at"] <= at.timestamp() or "spent" in row:
            raise InvalidToken
        key = {"pk": row["pk"], "sk": row["sk"]}
        unspent = "attribute_exists(#pk) AND attribute_not_exists(#spent)"
        spend = update(self._rows.table, key, "SET #spent = :true", InvalidToken(), unspent, true=True)
        return Redeemed(row["customer_id"], row, spend)

    def _genuine(self, message: str, mac: str) -> bool:
        try:
            self._kms.verify_mac(
                Message=message.encode(),
                KeyId=self._key,
                MacAlgorithm="HMAC_SHA_256",
                Mac=base64.urlsafe_b64decode(mac + "="),
            )
        except self._kms.exceptions.KMSInvalidMacException:
            return False
        return True
