"""The port to the provider's own log: what it has done for this shop, whether or not we know of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True)
class Standing:
    """How a payment stands at the provider now, in minor units: authorized = captured + let go of + held."""

    reference: str
    payment_id: str  # ours, as we noted it there; "" if it is no payment of ours
    order_id: str
    currency: str
    authorized: int
    captured: int
    held: int
    refunds: Mapping[str, int]  # by our refund id, or by the provider's where there is none


class ProviderLog(Protocol):
    """Any call may raise ProviderDown or OutcomeUnknown."""

    def touched(self, day: date) -> Iterator[Standing]:
        """All whose money moved on that day in UTC, and all that were begun."""

    def standing(self, reference: str) -> Standing | None:
        """One of them, if there is such a one."""
