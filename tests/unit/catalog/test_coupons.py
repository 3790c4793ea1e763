"""Given what happened to a code, when a coupon is asked for, then this happens."""

from datetime import UTC, datetime

import pytest

from catalog.coupon.commands import CreateCoupon
from catalog.coupon.decider import CodeTaken, decider
from catalog.coupon.events import COUPON_EVENTS, Coupon, CouponCreated
from common.domain.money import Money

NOW = datetime(2024, 5, 1, tzinfo=UTC)
TEN = Coupon(code="TEN", kind="percent", value=10, created_at=NOW)
CREATE = CreateCoupon(coupon=TEN, request_id="req_1", at=NOW)
CREATED = CouponCreated(coupon=TEN, request_id="req_1", at=NOW)


@pytest.mark.parametrize(("given", "then"), [([], [CREATED]), ([CREATED], [])], ids=["created", "a repeat: already so"])
def test_what_happens(given, then):
    assert decider.decide(CREATE, decider.fold(given)) == then


def test_a_code_is_good_for_one_coupon():
    with pytest.raises(CodeTaken):
        decider.decide(CREATE.model_copy(update={"request_id": "req_2"}), CREATED)


@pytest.mark.parametrize("value", [10, Money(amount=500, currency="EUR")])
def test_a_coupon_is_read_as_it_was_written(value):
    event = CREATED.model_copy(update={"coupon": TEN.model_copy(update={"value": value})})
    assert COUPON_EVENTS.validate_json(event.model_dump_json()) == event
