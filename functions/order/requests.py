"""What clients send. Unknown fields are refused, and everything has a bound."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from common.domain.money import Money
from common.entrypoint.fields import Text
from order.commands import RequestedItem, ShippingMethod


class OrderAddress(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Text
    line1: Text
    line2: Text | None = None
    city: Text
    postal_code: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]{0,15}$", examples=["10115"])]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["DE"])]


def each_sku_once(items: list[RequestedItem]) -> list[RequestedItem]:
    if len({item.sku for item in items}) < len(items):
        raise ValueError("a SKU may be named once")
    return items


class OrderContents(BaseModel):
    model_config = ConfigDict(extra="forbid")
    items: Annotated[list[RequestedItem], Field(min_length=1, max_length=50)]
    coupon: Annotated[str | None, Field(min_length=1, max_length=64)] = None

    @field_validator("items")
    @classmethod
    def name_each_sku_once(cls, items: list[RequestedItem]) -> list[RequestedItem]:
        return each_sku_once(items)


class OrderRequest(OrderContents):
    shipping_address: OrderAddress
    shipping_method: ShippingMethod
    payment_method: Annotated[str, Field(pattern=r"^pm_\w{1,100}$", examples=["pm_card_visa"])]
    expected_total: Money | None = None


class QuoteRequest(OrderContents):
    shipping_address: OrderAddress | None = None
    shipping_method: ShippingMethod = "standard"


class CancelRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: Text | None = None


class OperatorRequest(BaseModel):
    """Staff say why."""

    model_config = ConfigDict(extra="forbid")
    reason: Text
