"""The one use case all aggregates share: load, decide, save; decide again if someone saved first."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from common.application.ports import Repository, Write
from common.domain.decider import Decider
from common.domain.errors import ConcurrentWrite
from common.domain.message import Origin

C = TypeVar("C")
E = TypeVar("E")
S = TypeVar("S")
R = TypeVar("R")
E_contra = TypeVar("E_contra", contravariant=True)
S_contra = TypeVar("S_contra", contravariant=True)


class Along(Protocol[S_contra, E_contra]):
    """Writes to commit with the events, given the state after them, the events, and the version they make."""

    def __call__(self, state: S_contra, events: Sequence[E_contra], version: int, /) -> Sequence[Write]: ...


class Handled(NamedTuple, Generic[S, E]):
    state: S  # after the command
    events: Sequence[E]  # what happened: nothing, if it was already so
    version: int  # of the stream, after them


def again_if_outrun(use_case: Callable[[], R], attempts: int = 5) -> R:
    """Run it again from the start when someone else saved first. The last refusal is the caller's to see."""
    for _ in range(attempts - 1):
        try:
            return use_case()
        except ConcurrentWrite:
            continue
    return use_case()


class CommandHandler(Generic[C, S, E]):
    """`along` names the writes that belong to certain events (a counter beside its reservation): one transaction."""

    def __init__(
        self,
        decider: Decider[C, S, E],
        repository: Repository[E],
        along: Callable[[Sequence[E]], Sequence[Write]] = lambda events: (),
    ) -> None:
        self._decider = decider
        self._repository = repository
        self._along = along

    def handle(
        self,
        stream: str,
        command: C,
        origin: Origin,
        *,
        also: Along[S, E] | Sequence[Write] = (),
        attempts: int = 5,
    ) -> Handled[S, E]:
        """Raise what the decider refuses with, or ConcurrentWrite after losing all races, or `also`'s `otherwise`.

        `also` is written only when something happened. It may be a function of the state, the events and the version.
        Who reads more than the stream before they ask, and reads it anew after a lost race, wants one attempt.
        """
        return again_if_outrun(lambda: self._once(stream, command, origin, also), attempts)

    def _once(
        self,
        stream: str,
        command: C,
        origin: Origin,
        also: Along[S, E] | Sequence[Write],
    ) -> Handled[S, E]:
        past = self._repository.load(stream)
        new = self._decider.decide(command, self._decider.fold(past))
        state = self._decider.fold([*past, *new])
        if new:
            wanted = also(state, new, len(past) + len(new)) if callable(also) else also
            self._repository.save(stream, len(past), new, origin, also=[*self._along(new), *wanted])
        return Handled(state, new, len(past) + len(new))

    def state(self, stream: str, version: int | None = None) -> S:
        """As the stream stands now, or as it stood at an earlier version."""
        return self._decider.fold(self._repository.load(stream)[:version])

    def version(self, stream: str) -> Handled[S, E]:
        """The state with its version, for an ETag. Nothing has happened."""
        past = self._repository.load(stream)
        return Handled(self._decider.fold(past), (), len(past))
