"""Which figures are read, and which are counted into.

    generation  -  live=first  building=reb_…

While a rebuild fills another generation beside the live one, what happens meanwhile is counted into both.
"""

from typing import Final, NamedTuple

from common.domain.errors import Conflict
from common.infrastructure.rows import THE_ONE, Rows
from common.infrastructure.transaction import Write, put

FIRST: Final = "first"
PK: Final = "generation"


class RebuildRunning(Conflict): ...


class Generations(NamedTuple):
    live: str = FIRST
    building: str | None = None
    version: int = 0

    @property
    def counted_into(self) -> tuple[str, ...]:
        return (self.live, self.building) if self.building else (self.live,)


class GenerationRow:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def now(self) -> Generations:
        row = self._rows.get(PK)
        return Generations(row["live"], row["building"], row["version"]) if row else Generations()

    def change(self, before: Generations, live: str, building: str | None) -> Write:
        """Raises RebuildRunning when it is not any more as it was `before`."""
        row = {"pk": PK, "sk": THE_ONE, "live": live, "building": building, "version": before.version + 1}
        condition = "attribute_not_exists(#pk) OR #version = :before"
        return put(
            self._rows.table, row, RebuildRunning("The figures are being rebuilt."), condition, before=before.version
        )
