"""The composition root: the only place where the catalog domain meets AWS."""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from catalog.coupon.coupons import Coupons
from catalog.coupon.events import COUPON_EVENTS
from catalog.images.images import Images
from catalog.imports.events import IMPORT_EVENTS, AnyImportEvent
from catalog.listing.availability import Availability
from catalog.listing.fresh import Fresh
from catalog.listing.generations import GenerationRow
from catalog.listing.pages import Listing
from catalog.listing.read_model import ReadModel
from catalog.product.events import PRODUCT_EVENTS
from catalog.product.products import Products
from catalog.rebuild.events import REBUILD_EVENTS, AnyRebuildEvent
from catalog.runs import Runs
from common.entrypoint.pagination import Cursors
from common.entrypoint.settings import DomainSettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.idempotency import IdempotencyRecords
from common.infrastructure.objects import Objects
from common.infrastructure.outbox import Outbox
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.rows import Rows
from common.infrastructure.secrets import read_secret

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


class Settings(DomainSettings):
    cursor_secret: str = ""
    read_table: str = ""
    import_bucket: str = ""
    image_bucket: str = ""


@cache
def products() -> Products:
    return Products(rows(), DynamoRepository(dynamodb(), PRODUCT_EVENTS, settings().events_table))


@cache
def coupons() -> Coupons:
    return Coupons(rows(), DynamoRepository(dynamodb(), COUPON_EVENTS, settings().events_table))


@cache
def imports() -> Runs[AnyImportEvent]:
    return Runs(rows(), DynamoRepository(dynamodb(), IMPORT_EVENTS, settings().events_table))


@cache
def rebuilds() -> Runs[AnyRebuildEvent]:
    return Runs(rows(), DynamoRepository(dynamodb(), REBUILD_EVENTS, settings().events_table))


@cache
def import_files() -> Objects:
    return Objects(s3(), settings().import_bucket)


@cache
def images() -> Images:
    return Images(Objects(s3(), settings().image_bucket))


@cache
def records() -> IdempotencyRecords:
    return IdempotencyRecords(rows())


@cache
def read_model(generation: str) -> ReadModel:
    return ReadModel(read_rows(), generation)


@cache
def listing(generation: str) -> Listing:
    return Listing(read_rows(), generation)


@cache
def generations() -> GenerationRow:
    return GenerationRow(read_rows())


@cache
def answers() -> Fresh[Any, tuple[str, Any]]:
    return Fresh()


@cache
def availability() -> Availability:
    return Availability(rows())


@cache
def cursors() -> Cursors:
    secret = read_secret(boto3.client("secretsmanager", config=AWS_CALLS), settings().cursor_secret)
    return Cursors(secret["key"].encode())


@cache
def outbox() -> Outbox:
    return Outbox(dynamodb(), settings().events_table)


@cache
def event_bus() -> EventBus:
    return EventBus(boto3.client("events", config=AWS_CALLS), settings().event_bus)


@cache
def rows() -> Rows:
    return Rows(dynamodb(), settings().state_table)


@cache
def read_rows() -> Rows:
    return Rows(dynamodb(), settings().read_table)


@cache
def dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=AWS_CALLS)


@cache
def s3() -> "S3Client":
    return boto3.client("s3", config=AWS_CALLS.merge(Config(signature_version="s3v4")))


@cache
def settings() -> Settings:
    return from_environment(Settings)
