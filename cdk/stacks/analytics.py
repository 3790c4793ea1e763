"""Analytics: hears of orders and refunds in large batches, and tells staff what they come to."""

from aws_cdk import Duration, Stack
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.domain import Domain
from cdk.stacks.platform import PlatformStack

HEARS = {
    "order": ["OrderPlaced", "OrderConfirmed", "OrderRejected", "OrderCancelled", "OrderShipped", "OrderDelivered"],
    "payment": ["PaymentRefunded"],
}


class AnalyticsStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        analytics = Domain(self, "analytics", platform=platform)
        api = analytics.function("api", state=("GetItem", "Query"))
        consumer = analytics.function("consumer", state=("GetItem", "PutItem", "UpdateItem"))
        analytics.consumes(HEARS, consumer, batch_size=200, window=Duration.seconds(5))
        sweeper = analytics.function(
            "sweeper", state=("GetItem", "Query", "PutItem", "DeleteItem"), timeout=Duration.minutes(1)
        )
        analytics.sweeps(sweeper, Duration.minutes(10))
        self.routes = [
            Routes(
                api,
                signed_in=[
                    "GET /analytics/overview",
                    "GET /analytics/sales",
                    "GET /analytics/products/top",
                    "GET /analytics/funnel",
                ],
            )
        ]
