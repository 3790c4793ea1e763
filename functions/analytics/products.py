"""What products are called now: a projection of catalog's events, because a figure should not carry a name along."""

from collections.abc import Iterable, Sequence
from typing import Final

from common.domain.message import Message
from common.infrastructure.rows import THE_ONE, Rows

NAMED: Final = {"ProductCreated", "ProductChanged"}


class ProductNames:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def hear(self, messages: Iterable[Message]) -> None:
        """The newest of each product, if it is newer than what is known."""
        newest: dict[str, Message] = {}
        for message in sorted(messages, key=lambda message: message.sequence):
            newest[message.data["product"]["sku"]] = message
        for sku, message in newest.items():
            row = {"pk": f"product#{sku}", "sk": THE_ONE, "name": message.data["product"]["name"]}
            self._rows.project(row, message.sequence)

    def of(self, skus: Sequence[str]) -> dict[str, str]:
        """At most 100. One that was never heard of is missing."""
        if not skus:
            return {}
        rows = self._rows.get_all((f"product#{sku}", THE_ONE) for sku in skus)
        return {row["pk"].removeprefix("product#"): row["name"] for row in rows}
