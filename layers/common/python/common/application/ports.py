"""What the application layer asks of the world. Infrastructure answers."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from common.domain.errors import DomainError
from common.domain.message import Origin

E = TypeVar("E")


class AlsoWrite(Protocol):
    """A write that is committed with the events or not at all: an inbox mark, a counter, an idempotency record."""

    @property
    def otherwise(self) -> DomainError:
        """Raised when its condition does not hold."""


class Repository(Protocol[E]):
    def load(self, stream: str) -> Sequence[E]: ...

    def save(
        self, stream: str, version: int, events: Sequence[E], origin: Origin, *, also: Sequence[AlsoWrite] = ()
    ) -> None:
        """Add to a stream that has `version` events, or raise ConcurrentWrite and change nothing."""
