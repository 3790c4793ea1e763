"""Events in: archived, then counted. A rebuild: started, carried on step by step, and cleared up after."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Final, NamedTuple

from analytics import bootstrap
from analytics.daybooks import Fact
from analytics.generations import RebuildRunning
from analytics.products import NAMED
from analytics.rebuild.commands import AdvanceRebuild, DropOldFigures, StartRebuild
from analytics.rebuild.decider import Rebuild
from analytics.rebuild.events import AnyRebuildEvent, RebuildFinished
from common.domain.message import Message, Origin
from common.entrypoint.consumer import Delivery
from common.infrastructure.transaction import Write

OBJECTS_A_STEP: Final = 25
ROWS_A_STEP: Final = 1_000
REBUILDER: Final = "analytics.rebuilder"


class Heard(NamedTuple):
    message: Message
    fact: Fact | None


def read(message: Message) -> Heard:
    return Heard(message, Fact.of(message))


def take(heard: Sequence[Heard]) -> None:
    """Archived first, and only then asked where to count: so whatever a rebuild does not find in the archive when it
    begins is counted by someone who knows of the rebuild."""
    bootstrap.archive().keep([message for message, _ in heard])
    _count(bootstrap.generation_row().now().counted_into, [fact for _, fact in heard if fact])
    bootstrap.product_names().hear(message for message, _ in heard if message.type in NAMED)


def _count(generations: Sequence[str], facts: Sequence[Fact]) -> None:
    for generation in generations:
        bootstrap.daybooks().count(generation, facts)


def start_rebuild(
    rebuild_id: str, at: datetime, origin: Origin, beside: Callable[[Rebuild], Sequence[Write]]
) -> Rebuild:
    """Raise RebuildRunning when there is one that has not finished."""
    before = bootstrap.generation_row().now()
    if before.building:
        raise RebuildRunning("The figures are being rebuilt.")
    command = StartRebuild(rebuild_id=rebuild_id, replaces=before.live, at=at)

    def also(state: Rebuild | None, events: Sequence[AnyRebuildEvent], version: int) -> Sequence[Write]:
        assert state is not None
        return [bootstrap.generation_row().change(before, before.live, rebuild_id), *beside(state)]

    state = bootstrap.rebuilds().handle(rebuild_id, command, origin, also=also).state
    assert state is not None
    return state


def carry_on(delivery: Delivery) -> None:
    """The step that follows on what has happened to a rebuild, unless it has been done."""
    message = delivery.message
    rebuild = bootstrap.rebuilds().state(message.subject)
    if rebuild is None or rebuild.version != message.sequence:
        return
    if rebuild.finished_at is None:
        _advance(rebuild, delivery.at, message.because(REBUILDER))
    elif not rebuild.dropped:
        _drop(rebuild, delivery.at, message.because(REBUILDER))


def _advance(rebuild: Rebuild, at: datetime, origin: Origin) -> None:
    rebuild_id, archive = rebuild.started.rebuild_id, bootstrap.archive()
    page = archive.list(rebuild.after, OBJECTS_A_STEP)
    heard = [read(message) for message in chain.from_iterable(map(archive.read, page.keys))]
    _count([rebuild_id], [fact for _, fact in heard if fact])
    command = AdvanceRebuild(
        rebuild_id=rebuild_id,
        done=rebuild.version,
        keys=tuple(page.keys),
        events=len(heard),
        complete=page.complete,
        at=at,
    )

    def also(state: Rebuild | None, events: Sequence[AnyRebuildEvent], version: int) -> Sequence[Write]:
        if not isinstance(events[-1], RebuildFinished):
            return []
        return [bootstrap.generation_row().change(bootstrap.generation_row().now(), rebuild_id, None)]

    bootstrap.rebuilds().handle(rebuild_id, command, origin, also=also)


def _drop(rebuild: Rebuild, at: datetime, origin: Origin) -> None:
    rows = list(islice(bootstrap.daybooks().rows_of(rebuild.started.replaces), ROWS_A_STEP))
    bootstrap.rows().delete_all((row["pk"], row["sk"]) for row in rows)
    command = DropOldFigures(
        rebuild_id=rebuild.started.rebuild_id,
        done=rebuild.version,
        complete=len(rows) < ROWS_A_STEP,
        at=at,
    )
    bootstrap.rebuilds().handle(command.rebuild_id, command, origin)
