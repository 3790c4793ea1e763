"""What may be asked of a coupon."""

from catalog.coupon.events import Coupon
from common.domain.message import Command


class CreateCoupon(Command):
    coupon: Coupon
    request_id: str
