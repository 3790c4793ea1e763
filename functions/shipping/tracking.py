"""When a carrier's word is news. It comes twice, late, in any order and with other clocks than ours. Pure.

What EasyPost says (https://docs.easypost.com/docs/trackers) and what it means here:

    in_transit                                in_transit
    out_for_delivery, available_for_pickup    out_for_delivery
    delivered                                 delivered, for good
    failure, cancelled                        failed, for now: it may be tried again
    return_to_sender                          failed, for good: what is "delivered" after that is delivered to us
    pre_transit, unknown, error               nothing: the parcel has not moved, or nobody knows

A shipment moves forward and may skip steps. Only a failed attempt is followed by earlier steps: by those that the
carrier's clock puts after it, for they belong to the next attempt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shipping.commands import News

Status = Literal["created", "dispatched", "in_transit", "out_for_delivery", "delivered", "failed", "cancelled"]
STEPS: dict[str, int] = {"dispatched": 0, "in_transit": 1, "out_for_delivery": 2, "failed": 3}


@dataclass(frozen=True)
class Scan:
    at: datetime
    status: Status
    location: str | None = None


def is_news(news: News, history: Sequence[Scan]) -> bool:
    """Of a shipment that has left and has not ended."""
    if news.status in ("delivered", "returned"):
        return True
    last = history[-1]
    failures = [scan.at for scan in history if scan.status == "failed"]
    if failures and not _is_after(news, failures[-1]):
        return False
    if news.status == last.status:
        return _is_after(news, last.at)
    return last.status == "failed" or STEPS[news.status] > STEPS[last.status]


def _is_after(news: News, moment: datetime) -> bool:
    """Without a time it cannot be told from the same news again."""
    return news.occurred_at is not None and news.occurred_at > moment
