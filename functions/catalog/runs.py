"""Long work in steps: how far it is, and the event that leads to the next step, are one write.

pk         sk    what
run#<id>   -     how far it is; version is that of its stream, so whoever hears an earlier event again does nothing

The event goes the way of all events, over the bus into the queue of the worker. A step that fails is tried again from
where the one before has ended; what it does must bear that.
"""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from common.domain.errors import AlreadyDone, ConcurrentWrite
from common.domain.message import Event, Message, Origin
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.rows import THE_ONE, Row, Rows
from common.infrastructure.transaction import Write, put

E = TypeVar("E", bound=Event)
OUTRUN = ConcurrentWrite("Another one has taken this step.")


class Runs(Generic[E]):
    def __init__(self, rows: Rows, streams: DynamoRepository[E]) -> None:
        self._rows = rows
        self._streams = streams

    def begin(self, run_id: str, event: E, origin: Origin, beside: Sequence[Write], **state: Any) -> None:
        """Raise AlreadyDone when it has begun, or what `beside` raises."""
        try:
            self._save(run_id, 0, [event], origin, beside, state)
        except ConcurrentWrite as error:
            raise AlreadyDone("It has begun.") from error

    def find(self, run_id: str) -> Row | None:
        return self._rows.get(f"run#{run_id}")

    def reached(self, message: Message) -> Row:
        """The run that this event is the last of. Raise AlreadyDone when it has gone on since."""
        run = self.find(message.subject)
        if run is None or run["version"] != message.sequence:
            raise AlreadyDone("The run has gone on since.")
        return run

    def advance(self, run: Row, event: E, origin: Origin, beside: Sequence[Write] = (), **changes: Any) -> None:
        """Raise ConcurrentWrite when another one has taken this step."""
        state = {key: value for key, value in run.items() if key not in ("pk", "sk", "version")} | changes
        self._save(run["pk"].removeprefix("run#"), run["version"], [event], origin, beside, state)

    def _save(
        self, run_id: str, version: int, events: Sequence[E], origin: Origin, beside: Sequence[Write], state: Row
    ) -> None:
        row = {**state, "pk": f"run#{run_id}", "sk": THE_ONE, "version": version + len(events)}
        self._streams.save(run_id, version, events, origin, also=[put(self._rows.table, row, OUTRUN), *beside])
