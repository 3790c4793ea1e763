"""The platform's one clock. Everything in the process that asks for the time of day gets it from here.

`time.monotonic` and `time.perf_counter` stay real, so that servers and measurements work as ever.
"""

import time
from datetime import UTC, datetime
from typing import Final

from local.lean import time_machine

EPOCH: Final = datetime(2026, 1, 5, 9, tzinfo=UTC).timestamp()


class Clock:
    """Stands still and moves by jumps, or ticks and can be shifted forward."""

    def __init__(self, *, ticking: bool) -> None:
        self.ticking = ticking
        self._travel = time_machine.travel(time.time() if ticking else EPOCH, tick=ticking)
        self._traveller = self._travel.start()

    def now(self) -> float:
        return time.time()

    def jump(self, to: float) -> None:
        """Move forward to `to`; a moment that has passed changes nothing."""
        ahead = to - self.now()
        if ahead > 0:
            self._traveller.shift(ahead)

    def stop(self) -> None:
        self._travel.stop()
