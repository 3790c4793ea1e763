"""Which rows of the read side are read, and which are written: while a new generation is built, both are.

pk            sk    what
generations   -     live and building: names of generations; archived: how many products were, so far

No name is ever used twice, so whoever reads `live` before and after has read one whole generation.
"""

from typing import NamedTuple

from common.domain.errors import Conflict
from common.infrastructure.rows import THE_ONE, Rows
from common.infrastructure.transaction import Write, update

PK = "generations"
FIRST = "first"


class RebuildRuns(Conflict): ...


class Generations(NamedTuple):
    live: str
    building: str | None
    archived: int

    @property
    def written(self) -> list[str]:
        return [self.live, self.building] if self.building else [self.live]


class GenerationRow:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def read(self) -> Generations:
        row = self._rows.get(PK) or {}
        return Generations(row.get("live", FIRST), row.get("building"), row.get("archived", 0))

    def count_archived(self) -> None:
        """For caches to forget what they have. Counted twice, they forget once too often."""
        self._rows.update(PK, THE_ONE, "ADD #archived :one", one=1)

    def build(self, name: str) -> Write:
        """From now on it is written, too. Raises RebuildRuns when another one is being built."""
        running = RebuildRuns("The read side is being rebuilt already.")
        change = "SET #building = :name"
        return update(self._rows.table, {"pk": PK, "sk": THE_ONE}, change, running, BUILDING_NONE, name=name)

    def switch(self, name: str, former: str) -> Write:
        """From now on it is the one that is read, and not `former`."""
        lost = RebuildRuns("Another generation is being built.")
        change, still = "SET #live = :name REMOVE #building", f"#building = :name AND (#live = :former OR {NO_LIVE})"
        key = {"pk": PK, "sk": THE_ONE}
        return update(self._rows.table, key, change, lost, still, name=name, former=former)


NO_LIVE = "attribute_not_exists(#live)"
BUILDING_NONE = "attribute_not_exists(#building)"
