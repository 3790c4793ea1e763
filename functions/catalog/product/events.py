"""What has happened to a product. Stored for ever: add fields with defaults, rename nothing.

Every event carries the product as it was after it, so whoever listens keeps the newest and needs no other.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from common.domain.message import Event
from common.domain.money import Money

Attribute = str | bool | int | float


class Product(BaseModel):
    model_config = ConfigDict(frozen=True)
    product_id: str
    sku: str
    name: str
    description: str
    category: str | None  # a path, as in `home/mugs`
    price: Money
    attributes: dict[str, Attribute]
    images: tuple[str, ...]
    parent_id: str | None = None  # variants of one thing share it
    status: Literal["active", "archived"] = "active"
    created_at: AwareDatetime
    updated_at: AwareDatetime


class ProductFact(Event):
    product: Product


class ProductCreated(ProductFact):
    type: Literal["ProductCreated"] = "ProductCreated"
    fingerprint: str  # of the request, to tell a repeat from a reused key


class ProductChanged(ProductFact):
    type: Literal["ProductChanged"] = "ProductChanged"


class PriceChanged(ProductFact):
    type: Literal["PriceChanged"] = "PriceChanged"


class ProductArchived(ProductFact):
    type: Literal["ProductArchived"] = "ProductArchived"


AnyProductEvent = ProductCreated | ProductChanged | PriceChanged | ProductArchived
PRODUCT_EVENTS: TypeAdapter[AnyProductEvent] = TypeAdapter(Annotated[AnyProductEvent, Field(discriminator="type")])
