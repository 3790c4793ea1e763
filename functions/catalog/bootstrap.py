"""The composition root: the only place where the catalog domain meets AWS."""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from pydantic import BaseModel

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
from common.bootstrap import cursors, dynamodb, event_bus, outbox, records, repository, rows
from common.entrypoint.settings import from_environment
from common.infrastructure.objects import Objects
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.rows import Rows

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Settings(BaseModel):
    read_table: str = ""
    import_bucket: str = ""
    image_bucket: str = ""


@cache
def products() -> Products:
    return Products(rows(), repository(PRODUCT_EVENTS))


@cache
def coupons() -> Coupons:
    return Coupons(rows(), repository(COUPON_EVENTS))


@cache
def imports() -> Runs[AnyImportEvent]:
    return Runs(rows(), repository(IMPORT_EVENTS))


@cache
def rebuilds() -> Runs[AnyRebuildEvent]:
    return Runs(rows(), repository(REBUILD_EVENTS))


@cache
def import_files() -> Objects:
    return Objects(s3(), settings().import_bucket)


@cache
def images() -> Images:
    return Images(Objects(s3(), settings().image_bucket))


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
def read_rows() -> Rows:
    return Rows(dynamodb(), settings().read_table)


@cache
def s3() -> "S3Client":
    return boto3.client("s3", config=AWS_CALLS.merge(Config(signature_version="s3v4")))


@cache
def settings() -> Settings:
    return from_environment(Settings)
