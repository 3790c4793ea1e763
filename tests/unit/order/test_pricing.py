import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.money import EXPONENTS, Money
from order.commands import Price, RequestedItem
from order.pricing import TAX_RATES, price


@given(
    amounts=st.lists(st.integers(0, 10**7), min_size=1, max_size=50),
    quantity=st.integers(1, 1000),
    currency=st.sampled_from(sorted(EXPONENTS)),
    method=st.sampled_from(["standard", "express"]),
    country=st.sampled_from([*TAX_RATES, "US"]),
)
def test_the_parts_always_add_up_to_the_total(amounts, quantity, currency, method, country):
    items = [RequestedItem(sku=str(number), quantity=quantity) for number in range(len(amounts))]
    prices = {
        str(number): Price(name="x", unit_price=Money(amount=amount, currency=currency))
        for number, amount in enumerate(amounts)
    }
    priced = price(items, prices, method, country)
    assert priced.subtotal.amount == sum(line.total.amount for line in priced.items)
    assert priced.subtotal - priced.discount + priced.shipping + priced.tax == priced.total


@pytest.mark.parametrize(
    ("currency", "shipping"), [("EUR", 490), ("JPY", 4), ("KWD", 4900)], ids=["cents", "no minor unit", "three digits"]
)
def test_shipping_is_in_the_minor_units_of_the_currency(currency, shipping):
    prices = {"mug": Price(name="Mug", unit_price=Money(amount=1000, currency=currency))}
    priced = price([RequestedItem(sku="mug", quantity=1)], prices, "standard", "DE")
    assert priced.shipping == Money(amount=shipping, currency=currency)
