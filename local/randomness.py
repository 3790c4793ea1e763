"""Chance from a seed: ids, salts and jitter are the same in every run with it."""

import functools
import os
import random
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from moto.kms import utils as kms
from moto.moto_api._internal import mock_random


class Randomness:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._bytes = random.Random(seed)
        self._originals = (os.urandom, random._urandom, random.getstate())  # type: ignore[attr-defined]

    def install(self) -> None:
        os.urandom = self._bytes.randbytes
        random._urandom = self._bytes.randbytes  # type: ignore[attr-defined]
        self.restart()

    def restart(self) -> None:
        """Begin anew: what came before may have drawn more or less, as when something was imported."""
        self._bytes.seed(self._seed)
        random.seed(self._seed)
        mock_random.seed(self._seed)

    def uninstall(self) -> None:
        urandom, inner, state = self._originals
        os.urandom = urandom
        random._urandom = inner  # type: ignore[attr-defined]
        random.setstate(state)


class RsaKeys:
    """The n-th RSA key of every platform in this process is the same one: making them takes long, and no seed."""

    def __init__(self) -> None:
        self._made = 0

    def restart(self) -> None:
        self._made = 0

    def generate_private_key(self, public_exponent: int, key_size: int, backend: Any = None) -> rsa.RSAPrivateKey:
        self._made += 1
        return _nth_key(self._made, public_exponent, key_size)


@functools.cache
def _nth_key(number: int, public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=public_exponent, key_size=key_size)


class _RsaModule:
    """`cryptography`'s rsa module as moto's KMS sees it."""

    def __init__(self, keys: RsaKeys) -> None:
        self.generate_private_key = keys.generate_private_key

    def __getattr__(self, name: str) -> Any:
        return getattr(rsa, name)


rsa_keys = RsaKeys()
kms.rsa = _RsaModule(rsa_keys)
