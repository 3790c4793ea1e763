"""What has happened to a coupon. Stored for ever: add fields with defaults, rename nothing."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from common.domain.message import Event
from common.domain.money import Money


class Coupon(BaseModel):
    model_config = ConfigDict(frozen=True)
    code: str  # in capitals: codes are compared without case
    kind: Literal["percent", "fixed"]
    value: int | Money  # 1 to 100 percent, or what is taken off
    currency: str | None = None  # of the orders that it is good for; none: of any
    min_subtotal: Money | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    max_uses: int | None = None
    max_uses_per_customer: int | None = None
    created_at: AwareDatetime


class CouponCreated(Event):
    type: Literal["CouponCreated"] = "CouponCreated"
    coupon: Coupon
    request_id: str  # of the request, to tell its repeat from another one for the same code


AnyCouponEvent = CouponCreated
COUPON_EVENTS: TypeAdapter[AnyCouponEvent] = TypeAdapter(AnyCouponEvent)
