"""A table in memory that is read as DynamoDB would be, counts what that would charge, and holds a million rows."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from operator import itemgetter
from typing import Any, cast

from common.infrastructure.rows import Page, Row, Rows

UNIT = 4096  # bytes of a read unit
LAST = "\U0010ffff"
INDEXES = ("", "gsi1", "gsi2")

by_sort_key = itemgetter(0)


class OrderedRows(Rows):
    """Requests and read units: 4 KB of what a query passes over is one when it is strongly consistent, and half of one
    by an index; of single rows, each counts by itself."""

    def __init__(self) -> None:
        super().__init__(cast(Any, None), "in memory")
        self.requests, self.units = 0, 0.0
        self._partitions: dict[tuple[str, str], list[tuple[str, Row]]] = defaultdict(list)
        self._in_order = True

    def put_all(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in map(dict, rows):
            for index in INDEXES:
                if f"{index}pk" in row:
                    self._partitions[index, row[f"{index}pk"]].append((row[f"{index}sk"], row))
        self._in_order = False

    def get_all(self, keys: Iterable[tuple[str, str]]) -> list[Row]:
        found = [row for pk, sk in keys for _, row in self._between("", pk, sk, sk)]
        self.requests += bool(found)
        self.units += sum(ceil(_size(row) / UNIT) for row in found)
        return found

    def query(
        self,
        pk: str,
        *,
        index: str | None = None,
        prefix: str = "",
        between: tuple[str, str] | None = None,
        limit: int | None = None,
        after: Mapping[str, Any] | None = None,
        newest_first: bool = False,
        filters: Sequence[str] = (),
        **values: Any,
    ) -> Page:
        assert not filters, "no list needs one"
        low, high = between or (prefix, f"{prefix}{LAST}")
        rows = self._between(index or "", pk, low, high)
        if newest_first:
            rows.reverse()
        start = rows.index((after["at"], after["row"])) + 1 if after else 0
        read = rows[start : start + limit if limit else None]
        self.requests += 1
        self.units += ceil(sum(_size(row) for _, row in read) / UNIT) / (2 if index else 1)
        ended = start + len(read) == len(rows)
        return Page([row for _, row in read], None if ended else {"at": read[-1][0], "row": read[-1][1]})

    def _between(self, index: str, pk: str, low: str, high: str) -> list[tuple[str, Row]]:
        if not self._in_order:
            for partition in self._partitions.values():
                partition.sort(key=by_sort_key)
            self._in_order = True
        partition = self._partitions.get((index, pk), [])
        first, end = bisect_left(partition, low, key=by_sort_key), bisect_right(partition, high, key=by_sort_key)
        return partition[first:end]


def _size(row: Row) -> int:
    return sum(len(name) + len(str(value)) for name, value in row.items())
