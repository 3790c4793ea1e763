"""What has happened to an import. Stored for ever: add fields with defaults, rename nothing."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.domain.message import Event


class ImportRequested(Event):
    type: Literal["ImportRequested"] = "ImportRequested"
    import_id: str
    lines: int


class ImportAdvanced(Event):
    type: Literal["ImportAdvanced"] = "ImportAdvanced"
    import_id: str
    line: int  # the last one that is done


class ImportCompleted(Event):
    type: Literal["ImportCompleted"] = "ImportCompleted"
    import_id: str
    accepted: int
    rejected: int


class ImportFailed(Event):
    type: Literal["ImportFailed"] = "ImportFailed"
    import_id: str
    reason: str


AnyImportEvent = ImportRequested | ImportAdvanced | ImportCompleted | ImportFailed
IMPORT_EVENTS: TypeAdapter[AnyImportEvent] = TypeAdapter(Annotated[AnyImportEvent, Field(discriminator="type")])
