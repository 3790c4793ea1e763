"""A key per person (envelope encryption, crypto-shredding): what is sealed with it is erased everywhere at once by
destroying it, in event streams, backups and archives too.

    pk           what
    <person>     `wrapped`: their data key, encrypted by KMS; `erased`: it is destroyed, and there will be no other;
                 `expires_at`: it was made for nobody

A box is AES-256-GCM (NIST SP 800-38D): base64 of 12 bytes of nonce, the ciphertext, 16 bytes of tag; the person's id is
authenticated with it, so a box that is moved to another person does not open. The row is read at each use, so that an
erasure holds from that moment; what KMS unwraps is kept while the function's environment lives, which saves the call.
"""

import base64
import os
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel

from common.domain.errors import ConcurrentWrite
from common.domain.sealed import PersonErased, Sealed
from common.infrastructure.transaction import Write, put

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient

NONCE = 12  # bytes
KEPT = 1000  # unwrapped keys

M = TypeVar("M", bound=BaseModel)


class PersonKeys:
    """`table` has the key `pk` (S); `master_key` is the KMS key that wraps; `kept` unwrapped keys are remembered."""

    def __init__(
        self, dynamodb: "DynamoDBClient", kms: "KMSClient", table: str, master_key: str, *, kept: int = KEPT
    ) -> None:
        self._dynamodb = dynamodb
        self._kms = kms
        self._table = table
        self._master_key = master_key
        self._kept = kept
        self._unwrapped: OrderedDict[bytes, bytes] = OrderedDict()

    def seal(self, person: str, value: BaseModel, *, expires_at: int | None = None) -> Sealed:
        """Raise PersonErased when their key is destroyed. The first use makes it, for ever or until it expires."""
        wrapped = self._wrapped(person) or self._make(person, expires_at)
        nonce = os.urandom(NONCE)
        text = value.model_dump_json(exclude_none=True).encode()
        box = nonce + AESGCM(self._unwrap(person, wrapped)).encrypt(nonce, text, person.encode())
        return Sealed(person=person, box=base64.b64encode(box).decode())

    def open(self, sealed: Sealed, model: type[M]) -> M | None:
        """None when the person is erased."""
        try:
            wrapped = self._wrapped(sealed.person)
        except PersonErased:
            return None
        assert wrapped, "it was sealed with a key"
        box = base64.b64decode(sealed.box)
        key = AESGCM(self._unwrap(sealed.person, wrapped))
        return model.model_validate_json(key.decrypt(box[:NONCE], box[NONCE:], sealed.person.encode()))

    def destroy(self, person: str) -> Write:
        """To be committed with the event that says so. Done twice, it is the same."""
        return put(self._table, {"pk": person, "erased": True}, ConcurrentWrite("Their key has just changed."))

    def _wrapped(self, person: str) -> bytes | None:
        answer = self._dynamodb.get_item(TableName=self._table, Key={"pk": {"S": person}}, ConsistentRead=True)
        row = answer.get("Item", {})
        if "erased" in row:
            raise PersonErased("This account has been erased.")
        return row["wrapped"]["B"] if row else None

    def _make(self, person: str, expires_at: int | None) -> bytes:
        made = self._kms.generate_data_key(
            KeyId=self._master_key, KeySpec="AES_256", EncryptionContext={"person": person}
        )
        row: dict[str, Any] = {"pk": {"S": person}, "wrapped": {"B": made["CiphertextBlob"]}}
        if expires_at is not None:
            row["expires_at"] = {"N": str(expires_at)}
        # Refused when a twin was faster, or our own first try was: what stands there is the key.
        with suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):
            self._dynamodb.put_item(
                TableName=self._table,
                Item=row,
                ConditionExpression="attribute_not_exists(#pk)",
                ExpressionAttributeNames={"#pk": "pk"},
            )
        wrapped = self._wrapped(person)
        assert wrapped, "it has just been made"
        return wrapped

    def _unwrap(self, person: str, wrapped: bytes) -> bytes:
        if wrapped in self._unwrapped:
            return self._unwrapped[wrapped]
        context = {"person": person}
        key = self._kms.decrypt(KeyId=self._master_key, CiphertextBlob=wrapped, EncryptionContext=context)["Plaintext"]
        self._unwrapped[wrapped] = key
        while len(self._unwrapped) > self._kept:
            self._unwrapped.popitem(last=False)
        return key
