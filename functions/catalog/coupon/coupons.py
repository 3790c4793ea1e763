"""Coupons as they stand. A coupon's row and its event are one transaction; its stream lets one creation through.

pk        sk        what
coupons   <CODE>    the coupon
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from catalog.coupon.commands import CreateCoupon
from catalog.coupon.decider import State, decider
from catalog.coupon.events import AnyCouponEvent, Coupon
from common.application.command_handler import CommandHandler
from common.domain.errors import AlreadyDone, ConcurrentWrite
from common.domain.message import Origin
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.rows import Rows
from common.infrastructure.transaction import Write, put

OUTRUN = ConcurrentWrite("The coupon has just been made. Try again.")


class CouponPage(NamedTuple):
    coupons: list[Coupon]
    after: dict[str, Any] | None


class Coupons:
    def __init__(self, rows: Rows, streams: DynamoRepository[AnyCouponEvent]) -> None:
        self._rows = rows
        self._handler: CommandHandler[CreateCoupon, State, AnyCouponEvent] = CommandHandler(decider, streams)

    def create(self, command: CreateCoupon, origin: Origin, beside: Write) -> Coupon:
        """With `beside` in the same transaction.

        Raise CodeTaken for a code in use, AlreadyDone when it is in use by this request, or what `beside` raises.
        """
        row = {"pk": "coupons", "sk": command.coupon.code, "coupon": command.coupon.model_dump_json()}
        also = [put(self._rows.table, row, OUTRUN), beside]
        handled = self._handler.handle(f"coupon_{command.coupon.code}", command, origin, also=also)
        if not handled.events:
            raise AlreadyDone("This request has made its coupon before.")
        return handled.events[0].coupon

    def get(self, code: str) -> Coupon | None:
        row = self._rows.get("coupons", code.upper())
        return Coupon.model_validate_json(row["coupon"]) if row else None

    def page(self, limit: int, after: Mapping[str, Any] | None) -> CouponPage:
        """In the order of their codes."""
        page = self._rows.query("coupons", limit=limit, after=after)
        return CouponPage([Coupon.model_validate_json(row["coupon"]) for row in page.rows], page.after)
