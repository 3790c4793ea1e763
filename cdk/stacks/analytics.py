"""Analytics: counts what the others tell, in batches; read by staff."""

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
        consumer = analytics.function("consumer", state=("PutItem", "UpdateItem"))
        analytics.consumes(HEARS, consumer, batch_size=100, window=Duration.seconds(2))
        api = analytics.function("api", state=("Query",), timeout=Duration.seconds(20))
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
