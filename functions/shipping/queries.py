"""What is read: a shipment as its customer or staff see it, which shipment a tracking number belongs to, and what
products weigh.

pk                       sk   what
tracking#<number>        -    shipment_id, written in the transaction that dispatches it
doubt                    id   a shipment whose label may have been bought; the sweeper asks, and removes it
product#<sku>            -    what catalog last said of its weight and currency; version is catalog's sequence
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from common.domain.errors import ConcurrentWrite
from common.domain.message import Message
from common.domain.money import Money
from common.domain.shipping_rates import grams_of
from common.infrastructure.rows import THE_ONE, Rows
from common.infrastructure.transaction import Write, put
from shipping.decider import Shipment
from shipping.events import ShippedItem
from shipping.tracking import Status


class ShipmentScan(BaseModel):
    at: AwareDatetime
    status: Status
    location: str | None


class ShipmentView(BaseModel):
    shipment_id: str
    order_id: str
    status: Status
    carrier: str | None
    tracking_number: str | None
    label_url: Annotated[str | None, Field(exclude_if=lambda url: url is None)] = None  # for staff
    items: list[ShippedItem]
    events: list[ShipmentScan]

    @classmethod
    def of(cls, shipment: Shipment, *, for_staff: bool) -> "ShipmentView":
        left = shipment.dispatched
        return cls(
            shipment_id=shipment.shipment_id,
            order_id=shipment.created.order_id,
            status=shipment.status,
            carrier=left.carrier if left else None,
            tracking_number=left.tracking_number if left else None,
            label_url=left.label_url if left and for_staff else None,
            items=list(shipment.items),
            events=[ShipmentScan(at=scan.at, status=scan.status, location=scan.location) for scan in shipment.history],
        )


class ShippingOption(BaseModel):
    method: str
    price: Money
    estimated_days: int


class TrackingNumbers:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def assign(self, tracking_number: str, shipment_id: str) -> Write:
        """Carriers use a number again after years: it is the newest shipment's."""
        row = {"pk": f"tracking#{tracking_number}", "sk": THE_ONE, "shipment_id": shipment_id}
        return put(self._rows.table, row, ConcurrentWrite("The shipment has just changed. Try again."))

    def shipment(self, tracking_number: str) -> str | None:
        row = self._rows.get(f"tracking#{tracking_number}")
        return row["shipment_id"] if row else None


class Doubts:
    """Shipments whose label may have been bought: the carrier's service did not say."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def note(self, shipment_id: str) -> None:
        self._rows.put({"pk": "doubt", "sk": shipment_id})

    def all(self) -> list[str]:
        return [row["sk"] for row in self._rows.every("doubt")]

    def settled(self, shipment_id: str) -> None:
        self._rows.delete("doubt", shipment_id)


class SoldProduct(BaseModel):
    """What shipping keeps of a product."""

    grams: int
    currency: str


class Products:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def of(self, skus: Iterable[str]) -> dict[str, SoldProduct]:
        """Those that are known. At most 100 SKUs."""
        rows = self._rows.get_all((f"product#{sku}", THE_ONE) for sku in set(skus))
        return {row["pk"].removeprefix("product#"): SoldProduct.model_validate(row) for row in rows}

    def learn(self, message: Message) -> None:
        product = message.data["product"]
        sold = SoldProduct(grams=grams_of(product.get("attributes", {})), currency=product["price"]["currency"])
        key = {"pk": f"product#{product['sku']}", "sk": THE_ONE}
        self._rows.project({**key, **sold.model_dump()}, message.sequence)
