"""The rules of a rebuild: step by step through the archive, then live, then the old figures go.

Two may do the same step, because a queue delivers twice. Counting twice does no harm, and one of them is heard.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from analytics.rebuild.commands import AdvanceRebuild, AnyRebuildCommand, DropOldFigures, StartRebuild
from analytics.rebuild.events import (
    AnyRebuildEvent,
    OldFiguresDropped,
    RebuildAdvanced,
    RebuildFinished,
    RebuildStarted,
)
from common.domain.decider import Decider
from common.domain.errors import NotFound


@dataclass(frozen=True)
class Rebuild:
    started: RebuildStarted
    version: int = 1
    after: str = ""  # the last key of the archive that is counted
    objects: int = 0
    events: int = 0  # with those that stand in several objects
    finished_at: datetime | None = None
    dropped: bool = False


def decide(command: AnyRebuildCommand, rebuild: Rebuild | None) -> list[AnyRebuildEvent]:
    """Return what happens, or [] if the step has been done already."""
    if isinstance(command, StartRebuild):
        return [] if rebuild else [RebuildStarted(**command.model_dump())]
    if rebuild is None:
        raise NotFound("There is no such rebuild.")
    if command.done != rebuild.version:
        return []
    match command:
        case AdvanceRebuild():
            return _advance(command, rebuild)
        case DropOldFigures():
            if rebuild.finished_at is None or rebuild.dropped:
                return []
            return [OldFiguresDropped(rebuild_id=command.rebuild_id, complete=command.complete, at=command.at)]
        case _:
            assert_never(command)


def _advance(command: AdvanceRebuild, rebuild: Rebuild) -> list[AnyRebuildEvent]:
    if rebuild.finished_at:
        return []
    told = {
        "rebuild_id": command.rebuild_id,
        "objects": rebuild.objects + len(command.keys),
        "events": rebuild.events + command.events,
        "at": command.at,
    }
    if command.complete:
        return [RebuildFinished(**told)]
    return [RebuildAdvanced(**told, after=command.keys[-1])]


def evolve(rebuild: Rebuild | None, event: AnyRebuildEvent) -> Rebuild:
    if isinstance(event, RebuildStarted):
        return Rebuild(event)
    assert rebuild is not None
    rebuild = replace(rebuild, version=rebuild.version + 1)
    match event:
        case RebuildAdvanced():
            return replace(rebuild, after=event.after, objects=event.objects, events=event.events)
        case RebuildFinished():
            return replace(rebuild, objects=event.objects, events=event.events, finished_at=event.at)
        case OldFiguresDropped():
            return replace(rebuild, dropped=event.complete)
        case _:
            assert_never(event)


decider: Decider[AnyRebuildCommand, Rebuild | None, AnyRebuildEvent] = Decider(None, decide, evolve)
