"""What has happened to a rebuild. Stored for ever: add fields with defaults, rename nothing.

Each is also what makes the next step run, until there is none.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.domain.message import Event


class RebuildEvent(Event):
    rebuild_id: str  # the generation that it fills, too


class RebuildStarted(RebuildEvent):
    """From here on, what happens is counted into both generations."""

    type: Literal["RebuildStarted"] = "RebuildStarted"
    replaces: str  # the generation that is live


class RebuildAdvanced(RebuildEvent):
    """The archive is counted up to that key. The numbers are those of all steps so far."""

    type: Literal["RebuildAdvanced"] = "RebuildAdvanced"
    after: str
    objects: int
    events: int


class RebuildFinished(RebuildEvent):
    """The new figures are live."""

    type: Literal["RebuildFinished"] = "RebuildFinished"
    objects: int
    events: int


class OldFiguresDropped(RebuildEvent):
    type: Literal["OldFiguresDropped"] = "OldFiguresDropped"
    complete: bool


AnyRebuildEvent = RebuildStarted | RebuildAdvanced | RebuildFinished | OldFiguresDropped
REBUILD_EVENTS: TypeAdapter[AnyRebuildEvent] = TypeAdapter(Annotated[AnyRebuildEvent, Field(discriminator="type")])
