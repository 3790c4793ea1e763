"""What a coupon takes off an order, and when it does not. Pure."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from common.domain.errors import Invalid, Unavailable
from common.domain.money import Money
from order.events import Redemption


class CouponRefused(Invalid):
    """The coupon does not fit. Whoever shows this to a customer needs `code` alone, and may take the coupon off."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="coupon")


class UnknownCoupon(CouponRefused): ...


class CouponNotStarted(CouponRefused): ...


class CouponExpired(CouponRefused): ...


class CouponNotApplicable(CouponRefused):
    """The order is too small, or in another currency."""


class CouponUsedUp(CouponRefused):
    """By everyone together, or by this customer."""


class CouponBusy(Unavailable):
    """So many use it at this moment that counting them takes longer than a request may. Nothing was placed."""


class Coupon(BaseModel):
    """As catalog has made it; what is on a coupon never changes."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    code: str
    kind: Literal["percent", "fixed"]
    value: int | Money
    currency: str | None = None
    min_subtotal: Money | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    max_uses: int | None = None
    max_uses_per_customer: int | None = None

    @property
    def redemption(self) -> Redemption:
        return Redemption(code=self.code, max_uses=self.max_uses, max_uses_per_customer=self.max_uses_per_customer)


def canonical(code: str) -> str:
    """Codes are compared without regard to case."""
    return code.strip().upper()


def discount(coupon: Coupon, subtotal: Money, at: datetime) -> Money:
    """What it takes off, at most the subtotal; percents are rounded half up. Raise what it is refused for."""
    if coupon.starts_at and at < coupon.starts_at:
        raise CouponNotStarted("This coupon is not valid yet.")
    if coupon.ends_at and at >= coupon.ends_at:
        raise CouponExpired("This coupon is not valid any more.")
    currency = coupon.value.currency if isinstance(coupon.value, Money) else coupon.currency
    if currency not in (None, subtotal.currency):
        raise CouponNotApplicable(f"This coupon is for orders in {currency}.")
    least = coupon.min_subtotal
    if least and (least.currency != subtotal.currency or subtotal.amount < least.amount):
        raise CouponNotApplicable(f"This coupon is for orders from {least.text}.")
    if isinstance(coupon.value, Money):
        return min(coupon.value, subtotal, key=lambda money: money.amount)
    return Money(amount=(subtotal.amount * coupon.value + 50) // 100, currency=subtotal.currency)
