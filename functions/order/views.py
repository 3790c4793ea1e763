"""What an order and its story look like to its customer, and to staff."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from common.domain.message import Message
from order.events import Address, Priced
from order.facts import NOT_KEPT, Told
from order.returns.views import ReturnView
from order.state import Order

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
    "ShipmentCharged": "It was decided what this part of the order costs.",
    "OrderPartShipped": "A part of the goods has left.",
    "OrderPartDelivered": "A part of the goods has arrived.",
    "OrderRetried": "Staff had the order go on.",
    "OrderSettled": "Staff have closed the order by hand.",
    "ReturnRequested": "A return was requested.",
    "ReturnApproved": "The return was approved.",
    "ReturnRejected": "The return was rejected.",
    "ReturnReceived": "The returned goods have come.",
    "ReturnCompleted": "The return is done: the money is back, the goods are in stock.",
    "OrderReturned": "All of the order came back.",
    "OrderParked": "A person must look at the order.",
    "OrderClosed": "All that had begun was undone.",
    "StockReserved": "The goods were reserved.",
    "ReservationExtended": "The goods are kept until the customer has acted.",
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
    "RefundFailed": "Money could not be paid back.",
    "DisputeOpened": "The customer disputes the payment at their bank.",
    "DisputeClosed": "The bank has decided the dispute.",
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
NOT_SHOWN = {"fingerprint", "saga", "undo", "goods_left", *NOT_KEPT}


Said = Annotated[str | None, Field(exclude_if=lambda said: said is None)]


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
    shipping_address: Address | None  # None: the person is erased
    shipping_method: str
    payment: OrderPayment
    shipments: list[OrderShipment]
    returns: list[ReturnView]
    coupon: Said = None
    reason: Said = None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    version: int

    @classmethod
    def of(cls, order: Order, version: int, address: Address | None, told: Told | None = None) -> "OrderView":
        """With its address, out of its box, and what other domains have told about it."""
        placed, told = order.placed, told or Told()
        payment_id = f"pay_{placed.order_id.removeprefix('ord_')}"
        return cls(
            **{name: getattr(placed, name) for name in Priced.model_fields},
            order_id=placed.order_id,
            customer_id=placed.customer_id,
            status=order.status,
            shipping_address=address,
            shipping_method=placed.shipping_method,
            payment=OrderPayment(payment_id=payment_id, status=told.payment_status),
            shipments=_shipments(told),
            returns=[ReturnView.of(found) for found in order.returns.values()],
            coupon=placed.coupon.code if placed.coupon else None,
            reason=order.cause or order.reason,
            created_at=placed.at,
            updated_at=order.updated_at,
            version=version,
        )


def _shipments(told: Told) -> list[OrderShipment]:
    """In the order in which they were made."""
    shipments: dict[str, OrderShipment] = {}
    for fact in told:
        if fact.source == "shipping" and "shipment_id" in fact.data:
            shipments[fact.data["shipment_id"]] = _shipment(fact, shipments.get(fact.data["shipment_id"]))
    return list(shipments.values())


def _shipment(fact: Message, known: OrderShipment | None) -> OrderShipment:
    before = known or OrderShipment(shipment_id=fact.data["shipment_id"], status="created")
    status = fact.data.get("status") if fact.type == "ShipmentTracked" else SHIPMENT_STATUS.get(fact.type)
    return OrderShipment(
        shipment_id=before.shipment_id,
        status=status or before.status,
        tracking_number=fact.data.get("tracking_number") or before.tracking_number,
    )


class TimelineEntry(BaseModel):
    """A fact: who did it, because of what (a request, or the id of another fact), and what it says."""

    at: AwareDatetime
    type: str
    actor: str
    cause: str
    summary: str
    data: dict[str, Any]

    @classmethod
    def of(cls, message: Message) -> "TimelineEntry":
        return cls(
            at=message.time,
            type=message.type,
            actor=message.actor,
            cause=message.causation_id,
            summary=SUMMARIES.get(message.type, message.type),
            data={name: value for name, value in message.data.items() if name not in NOT_SHOWN},
        )
