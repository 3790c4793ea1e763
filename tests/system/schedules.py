"""Who goes next, chosen on purpose: all interleavings of a few requests, one after the other, or a sample of them.

A request is a task that hands over at every AWS and provider call. What else is ready waits until the racers are done:
so a schedule is the list of racers' turns, short enough to print and to play again.
"""

import random
from collections.abc import Iterator


class Schedule:
    """The turns that were taken, and out of how many. The first come from `turns`; then the first racer goes on."""

    def __init__(self, racers, turns=(), draw=None):
        self._racers = racers
        self._wanted = list(turns)
        self._draw = draw
        self.turns, self.options = [], []

    def __call__(self, ready):
        mine = [position for position, task in enumerate(ready) if task in self._racers]
        if not mine:
            return 0
        mine.sort(key=lambda position: self._racers.index(ready[position]))
        if len(mine) == 1:
            return mine[0]
        turn = self._wanted.pop(0) if self._wanted else self._draw.randrange(len(mine)) if self._draw else 0
        self.turns.append(turn)
        self.options.append(len(mine))
        return mine[turn]

    @property
    def successor(self):
        """The turns of the next schedule, depth first; None after the last."""
        for last in reversed(range(len(self.turns))):
            if self.turns[last] + 1 < self.options[last]:
                return [*self.turns[:last], self.turns[last] + 1]
        return None


def race(platform, start, turns=(), draw=None):
    """Start the requests, let them run by the schedule until all are answered; the answers, and the schedule."""
    usual = platform.scheduler.choose
    pending = start()
    schedule = Schedule([one._task for one in pending], turns, draw)
    platform.scheduler.choose = schedule
    try:
        return [one.result() for one in pending], schedule
    finally:
        platform.scheduler.choose = usual


def sample(number, seed=0) -> Iterator[random.Random]:
    yield from (random.Random(f"{seed}-{one}") for one in range(number))
