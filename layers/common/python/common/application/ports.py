"""What the application layer asks of the world. Infrastructure answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from common.domain.errors import DomainError
from common.domain.message import Origin

E = TypeVar("E")


@dataclass(frozen=True)
class Write:
    """A write that is committed with the events or not at all: an inbox mark, a counter, an idempotency record.

    `item` is for infrastructure to make and to read; `otherwise` is raised when its condition does not hold.
    """

    item: dict[str, Any]
    otherwise: DomainError


class Repository(Protocol[E]):
    def load(self, stream: str) -> Sequence[E]: ...

    def save(
        self, stream: str, version: int, events: Sequence[E], origin: Origin, *, also: Sequence[Write] = ()
    ) -> None:
        """Add to a stream that has `version` events, or raise ConcurrentWrite and change nothing."""
