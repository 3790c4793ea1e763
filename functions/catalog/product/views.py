"""What clients send and see of products. Unknown fields are refused, and everything has a bound."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from catalog.product.events import Product
from common.domain.money import Money, Positive

Word = Literal["in_stock", "low", "out"]

Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Name = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$")
]
Description = Annotated[str, Field(max_length=5000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
_SEGMENT = r"[^\s/\x00-\x1f\x7f](?:[^/\x00-\x1f\x7f]{0,48}[^\s/\x00-\x1f\x7f])?"
Category = Annotated[str, Field(pattern=rf"^{_SEGMENT}(?:/{_SEGMENT}){{0,4}}$", description="a path, as in home/mugs")]
Image = Annotated[str, Field(max_length=2048, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")]
AttributeName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
AttributeValue = (
    Annotated[str, Field(max_length=500)]
    | Annotated[bool, Field(strict=True)]
    | Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
    | Annotated[float, Field(strict=True, allow_inf_nan=False)]
)
Attributes = Annotated[dict[AttributeName, AttributeValue], Field(max_length=50)]
Images = Annotated[tuple[Image, ...], Field(max_length=20)]


class ProductRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sku: Sku
    name: Name
    description: Description = ""
    category: Category | None = None
    price: Positive
    attributes: Attributes = Field(default_factory=dict)
    images: Images = ()
    parent_id: Annotated[str | None, Field(pattern="^prd_[0-9a-f]{32}$")] = None


class ProductPatch(BaseModel):
    """What is not named stays as it is. Only the category can be null: then there is none."""

    model_config = ConfigDict(extra="forbid")
    name: Name | None = None
    description: Description | None = None
    category: Category | None = None
    attributes: Attributes | None = None
    images: Images | None = None

    @field_validator("name", "description", "attributes", "images", mode="before")
    @classmethod
    def is_not_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("it cannot be null")
        return value

    @property
    def changes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


class PriceRequest(BaseModel):
    """Money, as `price` or by itself."""

    model_config = ConfigDict(extra="forbid")
    price: Positive

    @model_validator(mode="before")
    @classmethod
    def take_money_by_itself(cls, given: Any) -> Any:
        return {"price": given} if isinstance(given, dict) and {"amount", "currency"} & given.keys() else given


class ProductVariant(Product):
    availability: Word


class ProductDetail(ProductVariant):
    variants: list[ProductVariant]


class ProductPrice(BaseModel):
    """`until` is when the next one came; null: it is the price of today."""

    price: Money
    since: AwareDatetime
    until: AwareDatetime | None = None
