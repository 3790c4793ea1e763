"""Waiting for outcomes, where nothing tells that they have come."""

import time
from collections.abc import Callable
from typing import TypeVar

from local.cli.output import Problem
from local.shop import Refused

T = TypeVar("T")


def eventually(
    what: str,
    ask: Callable[[], T],
    wanted: Callable[[T], bool] = lambda found: True,
    *,
    patience_s: float = 90,
    every_s: float = 0.3,
) -> T:
    """What `ask` answers, as soon as it is `wanted`; refusals and what is not found yet are asked for again.

    Raise Problem, with the last answer, when it takes longer than `patience_s`.
    """
    until = time.monotonic() + patience_s
    last: object = None
    while time.monotonic() < until:
        try:
            last = found = ask()
            if wanted(found):
                return found
        except (Refused, LookupError) as refused:
            last = refused
        time.sleep(every_s)
    raise Problem(f"It does not come about that {what}. Last seen: {last}")
