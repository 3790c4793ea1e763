"""The inbox: a message takes effect once, because its mark is written with its effect or not at all."""

from datetime import datetime, timedelta

from common.domain.errors import AlreadyDone
from common.domain.message import Message
from common.infrastructure.rows import THE_ONE
from common.infrastructure.transaction import MISSING, Write, put

# A dead-letter queue keeps a message for 14 days; it may be redriven until then.
REMEMBERED = timedelta(days=30)


class Inbox:
    def __init__(self, table: str, consumer: str) -> None:
        self._table = table
        self._consumer = consumer

    def mark(self, message: Message) -> Write:
        """To be committed with the effect. Raises AlreadyDone when the message has been heard before."""
        return self.mark_id(message.id, message.time)

    def mark_id(self, message_id: str, at: datetime) -> Write:
        """The same for what is no message of ours, such as a provider's webhook."""
        row = {
            "pk": f"inbox#{self._consumer}#{message_id}",
            "sk": THE_ONE,
            "expires_at": int((at + REMEMBERED).timestamp()),
        }
        return put(self._table, row, AlreadyDone(f"{message_id} has been heard."), MISSING)
