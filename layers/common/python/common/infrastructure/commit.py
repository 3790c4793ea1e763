"""The commit item: all that one command made happen. The repository writes it, and it is its own outbox row.

    stream  version  events                            commit_id
    ord_1   1        [OrderPlaced]                     7f3a…
    ord_1   2        [OrderConfirmed, CouponRedeemed]  c01d…
    ord_1   4        [OrderShipped]                    19be…

Version counts events, not commits: a stream's n-th event has sequence n and makes version n. A commit is filed
under the version its first event makes, so all who saw the same past write to the same key, and one of them wins.
"""

import json
from collections.abc import Iterator

from pydantic import AwareDatetime, BaseModel

from common.domain.message import Message, Origin


class Commit(BaseModel):
    stream: str
    version: int
    events: list[str]  # JSON, as the domain wrote it
    commit_id: str
    at: AwareDatetime  # when it was written; its events may tell of what was decided upon long before
    origin: Origin

    def messages(self, source: str) -> Iterator[Message]:
        """One message per event. Published twice, it has the same id."""
        for sequence, event in enumerate(map(json.loads, self.events), start=self.version):
            yield Message(
                id=f"{self.stream}#{sequence}",
                source=source,
                type=event.pop("type"),
                subject=self.stream,
                time=event.pop("at"),
                sequence=sequence,
                **self.origin.model_dump(),
                data=event,
            )
