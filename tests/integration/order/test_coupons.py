"""Coupons, from catalog's event to the counted use: taken with the order, given back with its end."""

import pytest

from common.infrastructure.item import from_values
from order import bootstrap, handlers
from tests.integration.order.conftest import TWO_MUGS, euro


@pytest.fixture
def make(deliver, message):
    def make(code="SAVE", **how):
        coupon = {"code": code, "kind": "percent", "value": 10, "created_at": "2024-01-01T00:00:00Z", **how}
        told = message("catalog", "CouponCreated", f"coupon_{code}", {"coupon": coupon, "request_id": "r"})
        assert deliver(handlers.consumer, told, told) == []

    return make


@pytest.fixture
def uses(shop):
    """What is counted, by counter."""

    def uses():
        rows = map(from_values, shop.scan(TableName="commerce-order-state")["Items"])
        return {row["sk"]: int(row["uses"]) for row in rows if "uses" in row}

    return uses


@pytest.fixture
def order(place):
    return lambda code="SAVE", key="k", caller="cus_ada", **more: place(
        TWO_MUGS | {"coupon": code} | more, key=key, caller=caller
    )


def test_a_coupon_takes_off_the_same_in_the_quote_and_in_the_order(make, order, call):
    make()
    asked = {name: TWO_MUGS[name] for name in ("items", "shipping_address")}
    quoted = call("POST", "/orders/quote", caller=None, body=asked | {"coupon": "save"}).body
    placed = order(" save ").body
    assert quoted["discount"] == placed["discount"] == euro(150)
    assert quoted["total"] == placed["total"] == euro(2190)  # 13.50 and 4.90, and 19 % of both
    assert placed["coupon"] == "SAVE"
    assert placed["items"][0]["discount"] == euro(150)


def test_a_use_is_counted_once_however_often_the_order_is_sent(make, order, uses):
    make(max_uses=3, max_uses_per_customer=2)
    assert [order().status for _ in range(3)] == [202, 202, 202]
    assert uses() == {"uses": 1, "uses#cus_ada": 1}


def test_a_coupon_without_limits_is_not_counted(make, order, uses):
    make()
    assert order().status == 202
    assert uses() == {}


def test_what_is_used_up_is_refused_and_nothing_is_placed(make, order, uses, call, shop):
    make(max_uses=1)
    assert order(key="1").status == 202
    refused = order(key="2", caller="cus_bob")
    assert (refused.status, refused.body["code"]) == (422, "coupon_used_up")
    assert [error["field"] for error in refused.body["errors"]] == ["coupon"]
    assert uses() == {"uses": 1}
    assert shop.scan(TableName="commerce-order-events")["Count"] == 1
    asked = {"items": TWO_MUGS["items"], "coupon": "SAVE"}
    assert call("POST", "/orders/quote", caller=None, body=asked).body["code"] == "coupon_used_up"


def test_a_customer_may_use_it_only_so_often_and_others_still_can(make, order, uses):
    make(max_uses=10, max_uses_per_customer=1)
    assert order(key="1").status == 202
    assert order(key="2").body["code"] == "coupon_used_up"
    assert order(key="3", caller="cus_bob").status == 202
    assert uses() == {"uses": 2, "uses#cus_ada": 1, "uses#cus_bob": 1}


@pytest.mark.parametrize("end", ["rejected", "cancelled"])
def test_a_use_is_given_back_once_and_can_be_used_again(end, make, order, uses, step, call):
    make(max_uses=1, max_uses_per_customer=1)
    order_id = order(key="1").body["order_id"]
    for _ in range(2):
        if end == "rejected":
            step("RejectOrder", order_id, cause="OutOfStock")
        else:
            call("POST", "/orders/{order_id}/cancel", order_id=order_id, key="c", body={})
            step("CancelOrder", order_id)
    assert uses() == {"uses": 0, "uses#cus_ada": 0}
    assert order(key="2").status == 202


def test_two_that_reject_an_order_at_once_give_its_use_back_once(make, order, uses, step, monkeypatch):
    make(max_uses=1)
    order_id = order().body["order_id"]
    before, streams = bootstrap.streams().load(order_id), type(bootstrap.streams())
    step("RejectOrder", order_id, cause="OutOfStock")
    seen, load = iter([before]), streams.load  # the second has read the order before the first rejected it
    monkeypatch.setattr(streams, "load", lambda self, stream: next(seen, None) or load(self, stream))
    step("RejectOrder", order_id, cause="OutOfStock")
    assert uses() == {"uses": 0}


@pytest.mark.parametrize(
    ("how", "code"),
    [
        pytest.param({"ends_at": "2024-04-01T00:00:00Z"}, "coupon_expired", id="too late"),
        pytest.param({"starts_at": "2024-06-01T00:00:00Z"}, "coupon_not_started", id="too early"),
        pytest.param({"min_subtotal": euro(1501)}, "coupon_not_applicable", id="too small an order"),
        pytest.param(
            {"kind": "fixed", "value": {"amount": 5, "currency": "USD"}, "currency": "USD"},
            "coupon_not_applicable",
            id="another currency",
        ),
    ],
)
def test_a_coupon_that_does_not_fit_is_refused_by_a_stable_code(how, code, make, order, call, shop):
    make(**how)
    asked = {"items": TWO_MUGS["items"], "coupon": "SAVE"}
    for answer in (order(), call("POST", "/orders/quote", caller=None, body=asked)):
        assert (answer.status, answer.body["code"]) == (422, code)
        assert [error["field"] for error in answer.body["errors"]] == ["coupon"]
    assert shop.scan(TableName="commerce-order-events")["Count"] == 0
