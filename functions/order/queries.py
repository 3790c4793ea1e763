"""What is found: orders in lists, and sagas that should have ended.

Rows in the state table (prices and coupons are `catalogue`'s, what others did is `facts`'):

    pk              sk                     what
    order#<id>      index                  which lists show it: gsi1 by customer, gsi2 by status; version is the order's
    watch           <since>#<id>#<saga>    a saga that should have ended by now; the sweeper looks, and removes it
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from common.infrastructure.rows import Page, Rows
from order.commands import Parcel
from order.events import SagaName
from order.state import Order


class OrderIndex:
    """Which orders a list shows. Fed by the order's own events, newest version wins."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def show(self, order: Order, version: int) -> None:
        placed = order.placed
        listed = f"{placed.at.isoformat()}#{placed.order_id}"
        row = {
            "pk": f"order#{placed.order_id}",
            "sk": "index",
            "order_id": placed.order_id,
            "status": order.status,
            "gsi1pk": f"customer#{placed.customer_id}",
            "gsi1sk": listed,
            "gsi2pk": "orders",
            "gsi2sk": f"{order.status}#{listed}",
        }
        self._rows.project(row, version)

    def page(self, customer_id: str | None, status: str | None, limit: int, after: dict[str, Any] | None) -> Page:
        """A customer's, newest first, or everyone's by status."""
        if customer_id is None:
            prefix = f"{status}#" if status else ""
            return self._rows.query("orders", index="gsi2", prefix=prefix, limit=limit, after=after, newest_first=True)
        wanted: dict[str, Any] = {"filters": ["#status = :status"], "status": status} if status else {}
        rows: list[dict[str, Any]] = []
        while True:
            page = self._rows.query(
                f"customer#{customer_id}",
                index="gsi1",
                limit=limit - len(rows),
                after=after,
                newest_first=True,
                **wanted,
            )
            rows, after = [*rows, *page.rows], page.after
            if after is None or len(rows) == limit:
                return Page(rows, after)


class Watch:
    """Sagas that were started. The sweeper looks at those that should have ended."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def over(
        self,
        order_id: str,
        saga: SagaName,
        since: datetime,
        *,
        parcel: Parcel | None = None,
        return_id: str | None = None,
    ) -> None:
        name = f"{since.isoformat()}#{order_id}#{saga}"
        row: dict[str, Any] = {"pk": "watch", "sk": name, "order_id": order_id, "saga": saga}
        if parcel:
            row |= {"sk": f"{name}#{parcel.shipment_id}", **parcel.model_dump()}
        if return_id:
            row |= {"sk": f"{name}#{return_id}", "return_id": return_id}
        self._rows.put(row)

    def due(self, before: datetime) -> Iterable["Watched"]:
        for row in self._rows.every("watch", between=("0", before.isoformat())):
            parcel = Parcel.model_validate(row) if "shipment_id" in row else None
            yield Watched(row["sk"], row["order_id"], row["saga"], parcel, row.get("return_id"))

    def done(self, watched: "Watched") -> None:
        self._rows.delete("watch", watched.key)


class Watched(NamedTuple):
    key: str
    order_id: str
    saga: SagaName
    parcel: Parcel | None
    return_id: str | None

    @property
    def part(self) -> str | None:
        return self.parcel.shipment_id if self.parcel else self.return_id
