"""What is read: an order as its customer sees it, its timeline, lists, and order's own copy of catalog's prices.

Rows in the state table:

    pk              sk                     what
    price#<sku>     -                      what catalog last said; version is catalog's sequence
    order#<id>      index                  which lists show it: gsi1 by customer, gsi2 by status; version is the order's
    order#<id>      fact#<time>#<id>       what another domain did for it
    watch           <since>#<id>#<saga>    a saga that should have ended by now; the sweeper looks, and removes it
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from common.domain.message import Message
from common.infrastructure.rows import Page, Rows
from order.commands import Price
from order.decider import Order
from order.events import Address, Priced, SagaName

PAYMENT_STATUS = {
    "PaymentRequested": "authorizing",
    "PaymentActionRequired": "requires_action",
    "PaymentAuthorized": "authorized",
    "PaymentDeclined": "declined",
    "PaymentCaptured": "captured",
    "PaymentVoided": "voided",
    "PaymentInDoubt": "unknown",
    "PaymentRefunded": "refunded",
}
SHIPMENT_STATUS = {
    "ShipmentCreated": "created",
    "ShipmentDispatched": "dispatched",
    "ShipmentDelivered": "delivered",
    "ShipmentFailed": "failed",
    "ShipmentReturned": "failed",
    "ShipmentCancelled": "cancelled",
}
SUMMARIES = {
    "OrderPlaced": "The order was placed.",
    "OrderResumed": "The order was taken up again.",
    "OrderAwaitingPayment": "The customer must confirm the payment.",
    "OrderConfirmed": "The order was confirmed.",
    "OrderRejected": "The order was rejected.",
    "OrderCancelRequested": "The cancellation was requested.",
    "OrderCancelRefused": "The cancellation came too late.",
    "OrderCancelled": "The order was cancelled.",
    "OrderShipped": "The goods have left.",
    "OrderDelivered": "The goods have arrived.",
    "OrderParked": "A person must look at the order.",
    "OrderClosed": "All that had begun was undone.",
    "StockReserved": "The goods were reserved.",
    "StockHeld": "The goods are kept for the order.",
    "StockReleased": "The goods were given back.",
    "StockCommitted": "The goods were taken out of stock.",
    "StockReturned": "Returned goods are in stock again.",
    "ReservationExpired": "The reservation expired.",
    "PaymentRequested": "The payment was begun.",
    "PaymentActionRequired": "The bank asks the customer to act.",
    "PaymentActionSettled": "The customer has acted.",
    "PaymentAuthorized": "The payment was authorized.",
    "PaymentDeclined": "The payment was declined.",
    "PaymentInDoubt": "The provider did not answer; it will be asked.",
    "PaymentCaptured": "The payment was captured.",
    "PaymentVoided": "The payment was voided.",
    "PaymentRefunded": "Money was paid back.",
    "ShipmentCreated": "A shipment was created.",
    "ShipmentSplit": "A part of the goods goes by itself.",
    "ShipmentDispatched": "The shipment was handed to the carrier.",
    "ShipmentTracked": "The carrier reported a scan.",
    "ShipmentDelivered": "The shipment was delivered.",
    "ShipmentFailed": "The shipment could not be delivered.",
    "ShipmentReturned": "The shipment is on its way back.",
    "ShipmentCancelled": "The shipment was cancelled.",
    "NotificationSent": "A message was sent to the customer.",
}
SPEAKS = ("order", "inventory", "payment", "shipping", "notification")
NOT_SHOWN = {"fingerprint", "saga", "postings", "shipping_address", "label_url"}


class OrderPayment(BaseModel):
    payment_id: str
    status: str


class OrderShipment(BaseModel):
    shipment_id: str
    status: str
    tracking_number: str | None = None


class OrderView(Priced):
    order_id: str
    customer_id: str
    status: str
    shipping_address: Address
    shipping_method: str
    payment: OrderPayment
    shipments: list[OrderShipment]
    returns: list[str]
    reason: Annotated[str | None, Field(exclude_if=lambda reason: reason is None)] = None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, order: Order, version: int, facts: Sequence[Message] = ()) -> "OrderView":
        """`facts` are what other domains did for the order, oldest first."""
        placed, payment, shipments = order.placed, "authorizing", dict[str, OrderShipment]()
        for fact in facts:
            payment = PAYMENT_STATUS.get(fact.type, payment)
            if fact.source == "shipping" and "shipment_id" in fact.data:
                known = shipments.get(fact.data["shipment_id"])
                shipments[fact.data["shipment_id"]] = _shipment(fact, known)
        return cls(
            **{name: getattr(placed, name) for name in Priced.model_fields},
            order_id=placed.order_id,
            customer_id=placed.customer_id,
            status=order.status,
            shipping_address=placed.shipping_address,
            shipping_method=placed.shipping_method,
            payment=OrderPayment(payment_id=f"pay_{placed.order_id.removeprefix('ord_')}", status=payment),
            shipments=list(shipments.values()),
            returns=[],
            reason=order.reason,
            created_at=placed.at,
            updated_at=order.updated_at,
            version=version,
        )


def _shipment(fact: Message, known: OrderShipment | None) -> OrderShipment:
    before = known or OrderShipment(shipment_id=fact.data["shipment_id"], status="created")
    status = fact.data.get("status") if fact.type == "ShipmentTracked" else SHIPMENT_STATUS.get(fact.type)
    return OrderShipment(
        shipment_id=before.shipment_id,
        status=status or before.status,
        tracking_number=fact.data.get("tracking_number") or before.tracking_number,
    )


class TimelineEntry(BaseModel):
    at: AwareDatetime
    type: str
    actor: str
    summary: str
    data: dict[str, Any]

    @classmethod
    def of(cls, message: Message) -> "TimelineEntry":
        return cls(
            at=message.time,
            type=message.type,
            actor=message.actor,
            summary=SUMMARIES.get(message.type, message.type),
            data={name: value for name, value in message.data.items() if name not in NOT_SHOWN},
        )


class Prices:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def of(self, skus: Iterable[str]) -> dict[str, Price]:
        """The prices that are known. At most 100 SKUs."""
        rows = self._rows.get_all((f"price#{sku}", "-") for sku in skus)
        return {row["pk"].removeprefix("price#"): Price.model_validate(row) for row in rows}

    def learn(self, message: Message) -> None:
        product = message.data["product"]
        price = Price(name=product["name"], unit_price=product["price"], status=product["status"])
        key = {"pk": f"price#{product['sku']}", "sk": "-"}
        self._rows.project({**key, **price.model_dump()}, message.sequence)


class Facts:
    """What other domains did for an order. Heard twice, a fact is the same row."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def keep(self, message: Message) -> None:
        order_id = message.data.get("order_id")
        if order_id:
            key = {"pk": f"order#{order_id}", "sk": f"fact#{message.time.isoformat()}#{message.id}"}
            self._rows.put({**key, "message": message.model_dump_json()})

    def of(self, order_id: str) -> list[Message]:
        """Oldest first; within an aggregate always in its own order, whatever the clocks said."""
        rows = self._rows.every(f"order#{order_id}", prefix="fact#")
        return in_order([Message.model_validate_json(row["message"]) for row in rows])


def in_order(messages: Iterable[Message]) -> list[Message]:
    """By time; at the same moment the order speaks first and the mail comes last."""
    return sorted(messages, key=lambda message: (message.time, SPEAKS.index(message.source), message.sequence))


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

    def over(self, order_id: str, saga: SagaName, since: datetime, **known: Any) -> None:
        key = {"pk": "watch", "sk": f"{since.isoformat()}#{order_id}#{saga}"}
        self._rows.put({**key, "order_id": order_id, "saga": saga, **known})

    def due(self, before: datetime) -> Iterable[dict[str, Any]]:
        return self._rows.every("watch", between=("0", before.isoformat()))

    def done(self, row: dict[str, Any]) -> None:
        self._rows.delete("watch", row["sk"])
