import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.domain.money import EXPONENTS, Money
from order.coupon import (
    Coupon,
    CouponExpired,
    CouponNotApplicable,
    CouponNotStarted,
    UnknownCoupon,
)
from order.events import OrderPlaced, Units
from order.pricing import Price, PriceTooHigh, UnknownSku, cost_of, price, shared_out
from tests.unit.order.given import NOW, PLACED, SAME, TAX_RATES, euro, terms

CURRENCIES = sorted(EXPONENTS)
amounts = st.integers(0, 10**7)
unhurried = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # whatever else the machine does


def priced(items, prices, *, coupon=None, method="standard", country="DE"):
    code = coupon.code if coupon else None
    return price(items, terms(prices, coupon), method=method, country=country, coupon=code, at=NOW)


@st.composite
def orders(draw):
    """Any order: up to fifty lines, any currency that is sold in, any weight, any coupon that fits, anywhere."""
    currency = draw(st.sampled_from(CURRENCIES))
    lines = draw(st.lists(st.tuples(amounts, st.integers(1, 1000), st.integers(1, 40_000)), min_size=1, max_size=50))
    items = [Units(sku=str(number), quantity=quantity) for number, (_, quantity, _) in enumerate(lines)]
    prices = {
        str(number): Price(name="x", unit_price=Money(amount=amount, currency=currency), grams=grams)
        for number, (amount, _, grams) in enumerate(lines)
    }
    percent = st.builds(Coupon, code=st.just("C"), kind=st.just("percent"), value=st.integers(1, 100))
    money = st.builds(Money, amount=st.integers(1, 10**12), currency=st.just(currency))
    fixed = st.builds(Coupon, code=st.just("C"), kind=st.just("fixed"), value=money)
    country = draw(st.sampled_from([*TAX_RATES.basis_points, "US"]))
    try:
        return priced(
            items,
            prices,
            coupon=draw(st.none() | percent | fixed),
            method=draw(st.sampled_from(["standard", "express"])),
            country=country,
        )
    except PriceTooHigh:
        return priced(items[:1], {"0": prices["0"].model_copy(update={"unit_price": money_of(1, currency)})})


def money_of(amount, currency):
    return Money(amount=amount, currency=currency)


@unhurried
@given(order=orders())
def test_the_parts_always_add_up_to_the_total(order):
    assert order.subtotal.amount == sum(line.total.amount for line in order.items)
    assert order.subtotal - order.discount + order.shipping + order.tax == order.total
    assert 0 <= order.discount.amount <= order.subtotal.amount


@unhurried
@given(order=orders())
def test_every_line_has_its_share_and_the_shares_add_up(order):
    assert sum(line.discount.amount for line in order.items) == order.discount.amount
    on_goods = sum(line.tax.amount for line in order.items)
    assert 0 <= on_goods <= order.tax.amount
    for line in order.items:
        assert 0 <= line.discount.amount <= line.total.amount
        assert line.tax.amount >= 0
        exact = order.discount.amount * line.total.amount / max(order.subtotal.amount, 1)
        assert abs(line.discount.amount - exact) <= 1


@unhurried
@given(order=orders(), data=st.data())
def test_however_a_line_is_taken_apart_its_parts_cost_what_it_costs(order, data):
    line = data.draw(st.sampled_from(order.items))
    cuts = sorted(data.draw(st.lists(st.integers(0, line.quantity), max_size=5)))
    edges = [0, *cuts, line.quantity]
    parts = [cost_of(line, first, last - first).amount for first, last in itertools.pairwise(edges)]
    assert sum(parts) == (line.total - line.discount + line.tax).amount
    assert all(part >= 0 for part in parts)


def test_an_order_from_before_there_were_shares_has_them_when_it_is_read():
    lines = tuple(line.model_copy(update={"discount": None, "tax": None}) for line in PLACED.items)
    old = OrderPlaced.model_validate_json(PLACED.model_copy(update={"items": lines}).model_dump_json(exclude_none=True))
    assert shared_out(old) == PLACED


@pytest.mark.parametrize(
    ("currency", "shipping"), [("EUR", 490), ("JPY", 4), ("KWD", 4900)], ids=["cents", "no minor unit", "three digits"]
)
def test_shipping_is_in_the_minor_units_of_the_currency(currency, shipping):
    prices = {"mug": Price(name="Mug", unit_price=Money(amount=1000, currency=currency))}
    order = priced([Units(sku="mug", quantity=1)], prices)
    assert order.shipping == Money(amount=shipping, currency=currency)


def test_heavy_things_cost_more_to_send():
    light, heavy = (
        priced([Units(sku="x", quantity=2)], {"x": Price(name="X", unit_price=euro(100), grams=grams)}).shipping.amount
        for grams in (900, 2000)
    )
    assert light < heavy


def test_an_order_of_absurd_worth_is_refused():
    prices = {str(number): Price(name="x", unit_price=euro(10**8)) for number in range(3)}
    with pytest.raises(PriceTooHigh):
        priced([Units(sku=sku, quantity=1000) for sku in prices], prices)


MUGS, MUG_PRICES = [Units(sku="mug", quantity=2)], {"mug": Price(name="Mug", unit_price=euro(750))}  # 15.00 together


def coupon(**how):
    return Coupon(**{"code": "SAVE", "kind": "percent", "value": 10, **how})


@pytest.mark.parametrize(
    ("given", "discount"),
    [
        pytest.param(coupon(), 150, id="a tenth of the goods, not of shipping"),
        pytest.param(coupon(value=33), 495, id="to the cent"),
        pytest.param(coupon(value=100), 1500, id="all of them"),
        pytest.param(coupon(kind="fixed", value=euro(499)), 499, id="a fixed amount"),
        pytest.param(coupon(kind="fixed", value=euro(9999)), 1500, id="but never more than the goods cost"),
        pytest.param(coupon(min_subtotal=euro(1500)), 150, id="an order that is just large enough"),
        pytest.param(coupon(starts_at=NOW), 150, id="from its first second"),
        pytest.param(coupon(ends_at=NOW + timedelta(seconds=1)), 150, id="to its last"),
        pytest.param(coupon(currency="EUR"), 150, id="in its currency"),
    ],
)
def test_a_coupon_takes_off(given, discount):
    order = priced(MUGS, MUG_PRICES, coupon=given)
    assert order.discount == euro(discount)
    assert order.tax == euro((19 * (1500 - discount + 490) + 50) // 100)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        pytest.param(coupon(starts_at=NOW + timedelta(seconds=1)), CouponNotStarted, id="too early"),
        pytest.param(coupon(ends_at=NOW), CouponExpired, id="too late"),
        pytest.param(coupon(min_subtotal=euro(1501)), CouponNotApplicable, id="too small an order"),
        pytest.param(coupon(currency="USD"), CouponNotApplicable, id="another currency"),
        pytest.param(
            coupon(kind="fixed", value=money_of(100, "USD")), CouponNotApplicable, id="an amount in another currency"
        ),
        pytest.param(
            coupon(min_subtotal=money_of(100, "USD")), CouponNotApplicable, id="a minimum in another currency"
        ),
    ],
)
def test_a_coupon_is_refused_by_name(given, error):
    with pytest.raises(error) as refused:
        priced(MUGS, MUG_PRICES, coupon=given)
    assert refused.value.field == "coupon"


def test_a_coupon_that_nobody_made_is_refused():
    with pytest.raises(UnknownCoupon):
        price(MUGS, terms(MUG_PRICES), method="standard", country="DE", coupon="NONE", at=SAME["at"])


def test_what_is_not_sold_has_no_price():
    with pytest.raises(UnknownSku) as refused:
        priced([*MUGS, Units(sku="cup", quantity=1)], MUG_PRICES)
    assert refused.value.field == "items.1.sku"
