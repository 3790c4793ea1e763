"""What has happened to a rebuild. Stored for ever: add fields with defaults, rename nothing."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.domain.message import Event


class RebuildRequested(Event):
    type: Literal["RebuildRequested"] = "RebuildRequested"
    rebuild_id: str


class RebuildAdvanced(Event):
    type: Literal["RebuildAdvanced"] = "RebuildAdvanced"
    rebuild_id: str
    products: int  # projected so far


class RebuildSwitched(Event):
    """From now on its generation is the one that is read."""

    type: Literal["RebuildSwitched"] = "RebuildSwitched"
    rebuild_id: str
    products: int


class RebuildCleared(Event):
    """Some rows of the generation before are gone; there may be more."""

    type: Literal["RebuildCleared"] = "RebuildCleared"
    rebuild_id: str
    removed: int  # so far


class RebuildCompleted(Event):
    type: Literal["RebuildCompleted"] = "RebuildCompleted"
    rebuild_id: str


AnyRebuildEvent = RebuildRequested | RebuildAdvanced | RebuildSwitched | RebuildCleared | RebuildCompleted
REBUILD_EVENTS: TypeAdapter[AnyRebuildEvent] = TypeAdapter(Annotated[AnyRebuildEvent, Field(discriminator="type")])
