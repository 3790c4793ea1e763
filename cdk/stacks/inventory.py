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
    ]
}
LOW_STOCK = {"LOW_STOCK": "5"}  # the most that still counts as low


class InventoryStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        inventory = Domain(self, "inventory", platform=platform)
        api = inventory.function(
            "api",
            state=("GetItem", "Query", "PutItem"),
            environment={"CURSOR_SECRET": platform.cursor_key.secret_name, **LOW_STOCK},
        )
        platform.cursor_key.grant_read(api)
        consumer = inventory.function("consumer", state=("GetItem", "Query", "PutItem"), environment=LOW_STOCK)
        for function in (api, consumer):  # they know the version from a row, and need not read the stream
            inventory.events.grant(function, "dynamodb:PutItem")
        inventory.consumes(HEARS, consumer, window=Duration.seconds(1))
        sweeper = inventory.function(
            "sweeper", append=True, state=("Query", "UpdateItem", "DeleteItem"), timeout=Duration.minutes(1)
        )
        inventory.sweeps(sweeper, Duration.minutes(1))
        self.tasks = inventory.function("tasks", append=True, state=("Query", "PutItem", "UpdateItem", "DeleteItem"))
        self.routes = [
            Routes(
                api,
                public=["GET /inventory/availability"],
                signed_in=[
                    "GET /inventory/stock/{sku}",
                    "POST /inventory/stock/{sku}/adjustments",
                    "GET /inventory/stock/{sku}/movements",
                    "GET /inventory/low-stock",
                ],
            )
        ]
