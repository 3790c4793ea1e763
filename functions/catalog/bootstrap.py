"""The composition root: the only place where the catalog domain meets AWS."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from catalog.coupon.coupons import Coupons
from catalog.coupon.events import COUPON_EVENTS
from catalog.events import PRODUCT_EVENTS
from catalog.listing import Listing
from catalog.products import Products
from catalog.read_model import ReadModel
from common.entrypoint.pagination import Cursors
from common.entrypoint.settings import DomainSettings, from_environment
from common.infrastructure.event_bus import EventBus
from common.infrastructure.idempotency import IdempotencyRecords
from common.infrastructure.outbox import Outbox
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.resilience import AWS_CALLS
from common.infrastructure.rows import Rows
from common.infrastructure.secrets import read_secret

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Settings(DomainSettings):
    cursor_secret: str = ""


@cache
def products() -> Products:
    return Products(rows(), DynamoRepository(dynamodb(), PRODUCT_EVENTS, settings().events_table))


@cache
def coupons() -> Coupons:
    return Coupons(rows(), DynamoRepository(dynamodb(), COUPON_EVENTS, settings().events_table))


@cache
def records() -> IdempotencyRecords:
    return IdempotencyRecords(rows())


@cache
def read_model() -> ReadModel:
    return ReadModel(rows())


@cache
def listing() -> Listing:
    return Listing(rows())


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
def dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=AWS_CALLS)


@cache
def settings() -> Settings:
    return from_environment(Settings)
