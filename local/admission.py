"""Whether the laptop takes another request: one that is overloaded says so at once, instead of answering all too late.

AWS has limits of concurrency for that; here one thread does all the work, so what counts is how much of it waits. A
crowd that comes at once is let in, and waits; only when the work does not get less for a while is it refused.
"""

from typing import Final

CALM: Final = 100  # tasks that are ready to go on: fewer, and the rush is over
MOST: Final = 500
PATIENCE: Final = 10.0  # seconds with more than that, before anyone is refused


class Admission:
    def __init__(self) -> None:
        self._since: float | None = None

    def admits(self, waiting: int, now: float) -> bool:
        """`waiting` tasks are ready at `now` (seconds of any clock that only goes forward)."""
        if waiting < CALM:
            self._since = None
        if waiting < MOST:
            return True
        if self._since is None:
            self._since = now
        return now - self._since < PATIENCE
