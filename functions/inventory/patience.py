"""Goods that many want: who is outrun reads again and decides again, after a pause that differs for each."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from common.domain.errors import ConcurrentWrite
from inventory.stock.rows import StockMoved

R = TypeVar("R")

ATTEMPTS = 12
FIRST, LONGEST = 0.01, 0.5  # seconds that a pause may take: "full jitter" of a doubling time


def patiently(use_case: Callable[[], R]) -> R:
    """Run it again from the start while others are faster; raise ConcurrentWrite after about three seconds of it."""
    for attempt in range(ATTEMPTS):
        try:
            return use_case()
        except (ConcurrentWrite, StockMoved) as error:
            outrun = error
            time.sleep(random.uniform(0, min(LONGEST, FIRST * 2**attempt)))
    raise ConcurrentWrite("Many want the same goods. Try again.") from outrun
