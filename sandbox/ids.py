"""Ids from a counter, so that a run can be repeated. Short on purpose: no run of digits that a scan for card numbers
could take for one."""

from collections import Counter


class Ids:
    def __init__(self) -> None:
        self._last: Counter[str] = Counter()

    def new(self, prefix: str) -> str:
        self._last[prefix] += 1
        return f"{prefix}_{self._last[prefix]:08d}"
