"""Order: taken and read over HTTP; driven by the sagas; looked after by its sweeper."""

from aws_cdk import Duration, Stack
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.domain import Domain
from cdk.stacks.platform import PlatformStack

HEARS = {
    "catalog": ["ProductCreated", "ProductChanged", "PriceChanged", "ProductArchived"],
    "order": [
        "OrderPlaced",
        "OrderAwaitingPayment",
        "OrderConfirmed",
        "OrderRejected",
        "OrderCancelRequested",
        "OrderCancelRefused",
        "OrderCancelled",
        "OrderShipped",
        "OrderDelivered",
        "OrderParked",
    ],
    "payment": [
        "PaymentActionRequired",
        "PaymentActionSettled",
        "PaymentAuthorized",
        "PaymentDeclined",
        "PaymentInDoubt",
        "PaymentCaptured",
        "PaymentVoided",
        "PaymentRefunded",
    ],
    "inventory": [
        "StockReserved",
        "StockHeld",
        "StockReleased",
        "StockCommitted",
        "StockReturned",
        "ReservationExpired",
    ],
    "shipping": [
        "ShipmentCreated",
        "ShipmentSplit",
        "ShipmentDispatched",
        "ShipmentTracked",
        "ShipmentDelivered",
        "ShipmentFailed",
        "ShipmentReturned",
        "ShipmentCancelled",
    ],
    "notification": ["NotificationSent"],
}


class OrderStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        order = Domain(self, "order", platform=platform)
        api = order.function(
            "api",
            append=True,
            state=("GetItem", "BatchGetItem", "Query", "PutItem"),
            environment={"CURSOR_SECRET": platform.cursor_key.secret_name},
        )
        platform.cursor_key.grant_read(api)
        consumer = order.function("consumer", append=True, state=("PutItem",))
        order.consumes(HEARS, consumer, window=Duration.seconds(1))
        sweeper = order.function("sweeper", append=True, state=("Query", "DeleteItem"))
        order.sweeps(sweeper, Duration.minutes(1))
        self.tasks = order.function("tasks", append=True)
        self.routes = [
            Routes(
                api,
                public=["POST /orders/quote"],
                signed_in=[
                    "POST /orders",
                    "GET /orders",
                    "GET /orders/{order_id}",
                    "GET /orders/{order_id}/timeline",
                    "POST /orders/{order_id}/cancel",
                ],
            )
        ]
