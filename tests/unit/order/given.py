"""An order's story in events and commands, for the tests of its rules."""

from datetime import UTC, datetime, timedelta

from cdk.patterns.table import table
from common.domain.money import Money
from common.domain.sealed import Sealed
from common.domain.shipping_rates import ShippingRates
from order.attention import CUSTOMER_MAY_TAKE
from order.commands import (
    AwaitPayment,
    CancelOrder,
    CancelOrderRequest,
    ConfirmOrder,
    Parcel,
    ParkOrder,
    PlaceOrder,
    RejectOrder,
    RequestedItem,
    ResumeOrder,
    ShipOrder,
)
from order.events import (
    OrderAwaitingPayment,
    OrderCancelled,
    OrderCancelRefused,
    OrderCancelRequested,
    OrderClosed,
    OrderConfirmed,
    OrderDelivered,
    OrderItem,
    OrderParked,
    OrderPlaced,
    OrderRejected,
    OrderResumed,
    OrderShipped,
    Purchase,
    Units,
)
from order.pricing import Price, TaxRates, Terms

NOW = datetime(2024, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
MUCH_LATER = NOW + timedelta(hours=1)
TAX_RATES = TaxRates.model_validate_json(table("tax_rates"))
SHIPPING_RATES = ShippingRates.model_validate_json(table("shipping_rates"))


def terms(prices, coupon=None):
    return Terms(prices=prices, coupon=coupon, tax_rates=TAX_RATES, shipping_rates=SHIPPING_RATES)


def euro(cents):
    return Money(amount=cents, currency="EUR")


def but(command, **changes):
    return command.model_copy(update=changes)


HOME = Sealed(person="cus_1", box="an address")
SAME = {
    "order_id": "ord_1",
    "customer_id": "cus_1",
    "shipping_address": HOME,
    "country": "DE",
    "shipping_method": "standard",
    "payment_method": "pm_card_visa",
    "fingerprint": "f",
    "at": NOW,
}
IT, WHOSE = {"order_id": "ord_1", "at": NOW}, {"order_id": "ord_1", "customer_id": "cus_1", "at": NOW}
PARCEL = {"shipment_id": "shp_1", "carrier": "DHL", "tracking_number": "T1"}
PLACED = OrderPlaced(
    items=(
        OrderItem(
            sku="mug", name="Mug", quantity=2, unit_price=euro(750), total=euro(1500), discount=euro(0), tax=euro(285)
        ),
    ),
    subtotal=euro(1500),
    discount=euro(0),
    shipping=euro(490),
    tax=euro(378),  # 19 % of 19.90, of which 0.93 are on shipping
    total=euro(2368),
    **SAME,
)
AWAITING = OrderAwaitingPayment(payment_id="pay_1", act_until=NOW + CUSTOMER_MAY_TAKE, **WHOSE)
CONFIRMED = OrderConfirmed(
    order_id="ord_1", payment_id="pay_1", at=NOW, **{name: getattr(PLACED, name) for name in Purchase.model_fields}
)
REJECTED = OrderRejected(reason="out_of_stock", total=euro(2368), **WHOSE)
CLOSED = OrderClosed(**IT)
CANCELLING = OrderCancelRequested(reason="changed my mind", **WHOSE)
REFUSED = OrderCancelRefused(**WHOSE)
CANCELLED = OrderCancelled(reason="changed my mind", total=euro(2368), **WHOSE)
SHIPPED = OrderShipped(**WHOSE, **PARCEL, items=(Units(sku="mug", quantity=2),))
DELIVERED = OrderDelivered(**WHOSE, shipment_id="shp_1")
PARKED = OrderParked(cause="payment_not_capturable", **WHOSE)
LOST = OrderParked(cause="shipment_failed", **WHOSE)

mugs, cup = RequestedItem(sku="mug", quantity=2), RequestedItem(sku="cup", quantity=1)
PRICES = {
    "mug": Price(name="Mug", unit_price=euro(750)),
    "cup": Price(name="Cup", unit_price=Money(amount=300, currency="USD")),
    "old": Price(name="Old mug", unit_price=euro(100), status="archived"),
}
place = PlaceOrder(items=(mugs,), terms=terms(PRICES), **SAME)
wait = AwaitPayment(payment_id="pay_1", **IT)
confirm = ConfirmOrder(payment_id="pay_1", **IT)
reject = RejectOrder(cause="OutOfStock", **IT)
cancel = CancelOrderRequest(reason="changed my mind", **IT)
stopped = but(cancel, dispatched=False)  # shipping keeps the goods
cancelled = CancelOrder(**IT)
ship = ShipOrder(**IT, **PARCEL)
park = ParkOrder(cause="PaymentNotCapturable", **IT)
lost = ParkOrder(cause="ShipmentFailed", shipment_id="shp_1", **IT)


def resume(saga, at=LATER, patience=120, parcel=None):
    return ResumeOrder(
        order_id="ord_1", saga=saga, at=at, patience=patience, parcel=Parcel(**parcel) if parcel else None
    )


def resumed(saga, at=LATER, attempt=1, **more):
    return OrderResumed(
        order_id="ord_1",
        saga=saga,
        attempt=attempt,
        customer_id="cus_1",
        items=(Units(sku="mug", quantity=2),),
        total=PLACED.total,
        payment_method="pm_card_visa",
        at=at,
        **more,
    )
