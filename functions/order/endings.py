"""How an order ends without its goods: the use of its coupon goes back with that event. Pure."""

from datetime import datetime

from order.events import OrderCancelled, OrderRejected
from order.state import Order

# By the error that failed the saga. What is not named here is a fault of ours: `system_error`.
REASONS = {
    "OutOfStock": "out_of_stock",
    "PaymentDeclined": "payment_declined",
    "PaymentTimeout": "payment_timeout",
    "OutcomeUnknown": "payment_timeout",
    "ProviderDown": "payment_timeout",
    "States.Timeout": "payment_timeout",
    "ReservationClosed": "payment_timeout",
}


def rejected(order: Order, reason: str, at: datetime) -> OrderRejected:
    return OrderRejected(**order.ids, reason=reason, total=order.placed.total, coupon=order.placed.coupon, at=at)


def cancelled(order: Order, reason: str | None, at: datetime) -> OrderCancelled:
    was = {
        "total": order.placed.total,
        "coupon": order.placed.coupon,
        "items": order.placed.items if order.sold else (),
    }
    return OrderCancelled(**order.ids, **was, reason=reason, at=at)
