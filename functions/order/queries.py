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

    def over(self, started: "Started") -> None:
        name = f"{started.since.isoformat()}#{started.order_id}#{started.saga}"
        row: dict[str, Any] = {"pk": "watch", "sk": name, "order_id": started.order_id, "saga": started.saga}
        if started.parcel:
            row |= {"sk": f"{name}#{started.part}", **started.parcel.model_dump()}
        if started.return_id:
            row |= {"sk": f"{name}#{started.part}", "return_id": started.return_id}
        self._rows.put(row)

    def due(self, before: datetime) -> Iterable["Watched"]:
        for row in self._rows.every("watch", between=("0", before.isoformat())):
            parcel = Parcel.model_validate(row) if "shipment_id" in row else None
            since = datetime.fromisoformat(row["sk"].partition("#")[0])
            started = Started(row["order_id"], row["saga"], since, parcel, row.get("return_id"))
            yield Watched(row["sk"], started)

    def done(self, watched: "Watched") -> None:
        self._rows.delete("watch", watched.key)


class Started(NamedTuple):
    """A saga of an order, for one of its parcels or returns perhaps."""

    order_id: str
    saga: SagaName
    since: datetime
    parcel: Parcel | None = None
    return_id: str | None = None

    @property
    def part(self) -> str | None:
        return self.parcel.shipment_id if self.parcel else self.return_id


class Watched(NamedTuple):
    key: str
    started: Started
