"""Inventory: counted and read over HTTP; reserved, held and taken by the sagas; given back by the clock."""

from aws_cdk import Duration, Stack
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.domain import Domain
from cdk.stacks.platform import PlatformStack

HEARS = {
    "inventory": [
        "StockReserved",
        "StockReleased",
        "ReservationExpired",
        "StockCommitted",
        "StockReturned",
        "StockAdjusted",
        "StockSpread",
        "StockGathered",
    ],
    "order": ["OrderAwaitingPayment"],
}
LOW_STOCK = {"LOW_STOCK": "5", "PLENTY_OF_STOCK": "8"}  # the most that counts as low; the least that is plenty again


class InventoryStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        inventory = Domain(self, "inventory", platform=platform, tells_after=Duration.seconds(1))
        api = inventory.function(
            "api",
            state=("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"),
            environment={"CURSOR_SECRET": platform.cursor_key.secret_name, **LOW_STOCK},
        )
        platform.cursor_key.let(api)
        inventory.events.grant(api, "dynamodb:PutItem")  # it knows the version from a row
        consumer = inventory.function(
            "consumer",
            append=True,
            state=("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem"),
            environment=LOW_STOCK,
        )
        inventory.consumes(HEARS, consumer, batch_size=50, window=Duration.seconds(1))
        sweeper = inventory.function(
            "sweeper", append=True, state=("Query", "UpdateItem", "DeleteItem"), timeout=Duration.minutes(1)
        )
        inventory.sweeps(sweeper, Duration.minutes(1))
        self.tasks = inventory.function(
            "tasks", append=True, state=("BatchGetItem", "Query", "UpdateItem", "DeleteItem")
        )
        self.routes = [
            Routes(
                api,
                public=["GET /inventory/availability"],
                signed_in=[
                    "GET /inventory/stock/{sku}",
                    "POST /inventory/stock/{sku}/adjustments",
                    "PUT /inventory/stock/{sku}/hot",
                    "DELETE /inventory/stock/{sku}/hot",
                    "GET /inventory/stock/{sku}/movements",
                    "GET /inventory/low-stock",
                ],
            )
        ]
