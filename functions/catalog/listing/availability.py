"""What inventory last said of each SKU. Not rebuilt: these are the facts themselves, the last of each as it was heard.

pk                     sk    what
availability#<sku>     -     the word; version is that of inventory's event
"""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from catalog.listing.fresh import Fresh
from catalog.product.views import Word
from common.domain.message import Message
from common.infrastructure.rows import THE_ONE, Rows


class Availability:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._fresh: Fresh[str, Word] = Fresh()

    def hear(self, message: Message) -> None:
        row = {"pk": f"availability#{message.data['sku']}", "sk": THE_ONE, "word": message.data["availability"]}
        self._rows.project(row, message.sequence)

    def of(self, skus: Iterable[str], at: datetime) -> dict[str, Word]:
        """By SKU, seconds old at most; `out` while nothing has been heard, which is not kept. At most 100."""
        wanted = list(skus)
        known = {sku: word for sku in wanted if (word := self._fresh.get(sku, at))}
        if asked := [sku for sku in wanted if sku not in known]:
            rows = self._rows.get_all((f"availability#{sku}", THE_ONE) for sku in asked)
            found = {row["pk"].removeprefix("availability#"): cast(Word, row["word"]) for row in rows}
            known |= {sku: self._fresh.keep(sku, word, at) for sku, word in found.items()}
        return {sku: known.get(sku, "out") for sku in wanted}
