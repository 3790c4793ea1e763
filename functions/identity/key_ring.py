"""The keys that sign access tokens: KMS's, behind two aliases that a rotation moves (`./commerce keys rotate`).

    <alias>             signs, as soon as everybody can have read its public half
    <alias>-previous    signed before; good until its last token has expired, and for longer

So a rotation is one step, and no token is refused because of it: who verifies reads the keys every four minutes (we)
or five (others, by the Cache-Control of jwks.json), and a key signs ten minutes after it was made.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

READ_EVERY = timedelta(minutes=4)
READ_AGAIN_AFTER = timedelta(seconds=10)  # for who meets a key that is not known
SIGNS_AFTER = timedelta(minutes=10)


class Key(NamedTuple):
    kid: str
    alias: str
    public: RSAPublicKey


class Keys(NamedTuple):
    current: Key
    previous: Key

    @property
    def public(self) -> dict[str, RSAPublicKey]:
        """By key id; one, until the first rotation."""
        return {key.kid: key.public for key in self}


class KeyRing:
    """What KMS says of the keys, remembered for four minutes."""

    def __init__(self, kms: "KMSClient", alias: str) -> None:
        self._kms = kms
        self._alias = alias
        self._known: tuple[datetime, Keys] | None = None
        self._made: dict[str, datetime] = {}

    def at(self, now: datetime, age: timedelta = READ_EVERY) -> Keys:
        """As they were read less than `age` ago."""
        if self._known is None or not timedelta(0) <= now - self._known[0] < age:
            keys = Keys(self._read(self._alias), self._read(previous(self._alias)))
            self._known = (now, keys)
        return self._known[1]

    def signs(self, now: datetime) -> Key:
        keys = self.at(now)
        if keys.current.kid == keys.previous.kid:
            return keys.current
        if keys.current.kid not in self._made:
            described = self._kms.describe_key(KeyId=self._alias)["KeyMetadata"]
            self._made = {kid(described["KeyId"]): described["CreationDate"]}
        made = self._made.get(keys.current.kid)
        return keys.current if made and made + SIGNS_AFTER <= now else keys.previous

    def forget(self) -> None:
        """The aliases have been moved since they were read."""
        self._known = None

    def _read(self, alias: str) -> Key:
        answer = self._kms.get_public_key(KeyId=alias)
        public = load_der_public_key(answer["PublicKey"])
        if not isinstance(public, RSAPublicKey):
            raise TypeError(f"{alias} is no RSA key")
        return Key(kid(answer["KeyId"]), alias, public)


def previous(alias: str) -> str:
    return f"{alias}-previous"


def kid(kms_key: str) -> str:
    """What a key is called outside: the same for one key, and nothing of KMS."""
    return sha256(kms_key.rpartition("/")[2].encode()).hexdigest()[:16]
