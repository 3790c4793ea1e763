"""A small memory of answers, good for seconds, within one execution environment of the function."""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

FRESH = timedelta(seconds=5)
KEPT = 500  # answers

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Fresh(Generic[K, V]):
    """Time is the request's own. The oldest make room for the newest."""

    def __init__(self, good_for: timedelta = FRESH, kept: int = KEPT) -> None:
        self._good_for, self._kept = good_for, kept
        self._answers: OrderedDict[K, tuple[datetime, V]] = OrderedDict()

    def get(self, key: K, at: datetime) -> V | None:
        since, answer = self._answers.get(key, (None, None))
        return answer if since is not None and since <= at < since + self._good_for else None

    def keep(self, key: K, answer: V, at: datetime) -> V:
        self._answers[key] = (at, answer)
        self._answers.move_to_end(key)
        while len(self._answers) > self._kept:
            self._answers.popitem(last=False)
        return answer
