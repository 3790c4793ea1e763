"""What staff send of coupons. Unknown fields are refused, and everything has a bound."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from catalog.coupon.events import Coupon
from common.domain.money import Currency, Positive
from common.entrypoint.fields import Moment

MAX_USES = 10**9
CODE = r"^[A-Za-z0-9._-]{1,64}$"


Uses = Annotated[int, Field(strict=True, ge=1, le=MAX_USES)]


class CouponRequest(BaseModel):
    """`value` is 1 to 100 for percent. For fixed it is money, or minor units of `currency`."""

    model_config = ConfigDict(extra="forbid")
    code: Annotated[str, Field(pattern=CODE, description="without regard to case")]
    kind: Literal["percent", "fixed"]
    currency: Currency | None = None
    value: Positive | int
    min_subtotal: Positive | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    max_uses: Uses | None = None
    max_uses_per_customer: Uses | None = None

    @field_validator("value", mode="wrap")
    @classmethod
    def is_of_its_kind(cls, value: Any, parse: Callable[[Any], Any], info: ValidationInfo) -> Positive | int:
        kind, currency = info.data.get("kind"), info.data.get("currency")
        if kind == "percent":
            if type(value) is not int or not 1 <= value <= 100:
                raise ValueError("of a percent coupon it is a whole number from 1 to 100")
            return value
        try:
            money = Positive.model_validate({"amount": value, "currency": currency} if type(value) is int else value)
        except ValidationError as error:
            raise ValueError("of a fixed coupon it is money, with a positive amount and a currency") from error
        if currency and money.currency != currency:
            raise ValueError("it is in another currency than the coupon")
        return money

    @field_validator("min_subtotal")
    @classmethod
    def is_in_the_same_currency(cls, min_subtotal: Positive | None, info: ValidationInfo) -> Positive | None:
        value = info.data.get("value")
        currency = value.currency if isinstance(value, Positive) else info.data.get("currency")
        if min_subtotal and currency and min_subtotal.currency != currency:
            raise ValueError("it is in another currency than the coupon")
        return min_subtotal

    @field_validator("ends_at")
    @classmethod
    def is_after_the_start(cls, ends_at: datetime | None, info: ValidationInfo) -> datetime | None:
        starts_at = info.data.get("starts_at")
        if ends_at and starts_at and ends_at <= starts_at:
            raise ValueError("it must be after starts_at")
        return ends_at

    def coupon(self, at: datetime) -> Coupon:
        told = self.model_dump()
        currency = self.value.currency if isinstance(self.value, Positive) else self.currency
        return Coupon.model_validate({**told, "code": self.code.upper(), "currency": currency, "created_at": at})
