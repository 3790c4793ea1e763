"""What may be asked of a rebuild. `done` is how many events it had when the step was begun."""

from common.domain.message import Command


class RebuildCommand(Command):
    rebuild_id: str


class StartRebuild(RebuildCommand):
    replaces: str


class AdvanceRebuild(RebuildCommand):
    """`keys` of the archive have been counted, with `events` in them; `complete` if none comes after them."""

    done: int
    keys: tuple[str, ...]
    events: int
    complete: bool


class DropOldFigures(RebuildCommand):
    done: int
    complete: bool


AnyRebuildCommand = StartRebuild | AdvanceRebuild | DropOldFigures
