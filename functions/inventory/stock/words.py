"""The word that customers are told for how much there is, and when staff are told that it runs low. Pure.

Both change with hysteresis: what is low stays low until there is clearly more again, so that one unit that is
reserved and given back all day long does not make the word flap. That there is nothing, or something again, is
told at once.
"""

from typing import Literal, NamedTuple

Availability = Literal["in_stock", "low", "out"]


class Thresholds(NamedTuple):
    low: int  # the most that counts as low
    plenty: int  # the least that counts as in stock again, once it was low


def word(available: int, before: Availability | None, thresholds: Thresholds) -> Availability:
    if available <= 0:
        return "out"
    enough = available > thresholds.low if before in (None, "in_stock") else available >= thresholds.plenty
    return "in_stock" if enough else "low"
