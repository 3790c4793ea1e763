"""Messages into counters, each once: its inbox mark and all that it adds are one transaction."""

from collections.abc import Sequence
from typing import Final

from analytics.figures import Amounts, Bucket, folded, keyed
from common.application.command_handler import again_if_outrun
from common.application.ports import Write
from common.domain.errors import AlreadyDone, ConcurrentWrite
from common.domain.message import Message
from common.infrastructure.inbox import Inbox
from common.infrastructure.rows import Rows
from common.infrastructure.transaction import update

MOST: Final = 100  # items that DynamoDB takes in one transaction


class Figures:
    def __init__(self, rows: Rows, inbox: Inbox) -> None:
        self._rows = rows
        self._inbox = inbox

    def count(self, messages: Sequence[Message]) -> None:
        """All that are new. One heard before makes the lot be counted one by one, and is left out."""
        unique = list({message.id: message for message in messages}.values())
        writes = self._writes(unique)
        if len(writes) > MOST and len(unique) > 1:
            half = len(unique) // 2
            self.count(unique[:half])
            self.count(unique[half:])
            return
        try:
            again_if_outrun(lambda: self._rows.commit(writes))
        except AlreadyDone:
            if len(unique) > 1:
                for message in unique:
                    self.count([message])

    def _writes(self, messages: Sequence[Message]) -> list[Write]:
        added = folded(messages).items()
        return [*map(self._inbox.mark, messages), *(self._add(bucket, amounts) for bucket, amounts in added)]

    def _add(self, bucket: Bucket, amounts: Amounts) -> Write:
        """An ADD counts a retry twice, but not in a transaction with the mark of what it counts."""
        change = "ADD " + ", ".join(f"#{name} :{name}" for name in amounts)
        if bucket.labels:
            change += " SET " + ", ".join(f"#{name} = :{name}" for name, _ in bucket.labels)
        outrun = ConcurrentWrite("Others count as well.")
        return update(self._rows.table, keyed(bucket), change, outrun, "", **amounts, **dict(bucket.labels))
