"""Catalog: written by staff over HTTP; its events feed the read side, which anyone may search."""

from aws_cdk import Duration, Stack
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.bucket import PrivateBucket
from cdk.patterns.domain import Domain
from cdk.stacks.platform import PlatformStack

HEARS = {
    "catalog": ["ProductCreated", "ProductChanged", "PriceChanged", "ProductArchived"],
    "inventory": ["AvailabilityChanged"],
}

WORKS_ON = {
    "catalog": [
        "ImportRequested",
        "ImportAdvanced",
        "RebuildRequested",
        "RebuildAdvanced",
        "RebuildSwitched",
        "RebuildCleared",
    ]
}
PROJECTS = tuple(
    f"dynamodb:{action}" for action in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
)


class CatalogStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        catalog = Domain(self, "catalog", platform=platform)
        read_side = catalog.rows("Read")
        tables = {"READ_TABLE": read_side.table_name}
        api = catalog.function(
            "api",
            append=True,
            state=("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"),
            environment={"CURSOR_SECRET": platform.cursor_key.secret_name, **tables},
        )
        platform.cursor_key.let(api)
        read_side.grant(api, *(f"dynamodb:{action}" for action in ("GetItem", "BatchGetItem", "Query", "UpdateItem")))
        consumer = catalog.function("consumer", state=("PutItem",), environment=tables)
        read_side.grant(consumer, *PROJECTS)
        catalog.consumes(HEARS, consumer, window=Duration.seconds(1))
        files = PrivateBucket(self, "Imports", platform=platform, forgets_after=Duration.days(30))
        api.add_environment("IMPORT_BUCKET", files.bucket_name)
        files.let(api, "PutObject")
        pictures = PrivateBucket(self, "Images", platform=platform, public=True)
        pictures.show("products/*")
        api.add_environment("IMAGE_BUCKET", pictures.bucket_name)
        pictures.let(api, "PutObject", "GetObject", "DeleteObject", under="products/*")
        worker = catalog.function(
            "worker",
            state=("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"),
            environment={"IMPORT_BUCKET": files.bucket_name, **tables},
            timeout=Duration.minutes(1),
        )
        catalog.events.grant(worker, "dynamodb:PutItem", "dynamodb:Scan")  # versions are in rows; a rebuild reads all
        read_side.grant(worker, *PROJECTS, "dynamodb:Scan")
        files.let(worker, "GetObject")
        catalog.consumes(WORKS_ON, worker, queue="work", batch_size=1)
        self.routes = [
            Routes(
                api,
                public=[
                    "GET /catalog/products",
                    "GET /catalog/products/{product_id}",
                    "GET /catalog/products/{product_id}/prices",
                    "GET /catalog/categories",
                ],
                signed_in=[
                    "POST /catalog/products",
                    "PATCH /catalog/products/{product_id}",
                    "PUT /catalog/products/{product_id}/price",
                    "DELETE /catalog/products/{product_id}",
                    "POST /catalog/coupons",
                    "POST /catalog/products/{product_id}/images",
                    "PUT /catalog/products/{product_id}/images/{image_id}",
                    "POST /catalog/rebuilds",
                    "GET /catalog/rebuilds/{rebuild_id}",
                    "POST /catalog/imports",
                    "GET /catalog/imports/{import_id}",
                    "GET /catalog/coupons",
                    "GET /catalog/coupons/{code}",
                ],
            )
        ]
