"""What sending costs, and that the table a shop deploys can price whatever is ordered."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cdk.patterns.table import table
from common.domain.money import EXPONENTS, Money
from common.domain.shipping_rates import HEAVIEST_PRODUCT, ShippingRates, grams_of, total_grams

RATES = ShippingRates.model_validate_json(table("shipping_rates"))


def euros(method, country, grams):
    return RATES.price(method, country, grams, "EUR").amount


@pytest.mark.parametrize("grams", [0, 1, 2000])
def test_up_to_two_kilograms_the_zone_decides(grams):
    assert [euros("standard", country, grams) for country in ("DE", "FR", "US")] == [490, 990, 1990]
    assert [euros("express", country, grams) for country in ("DE", "FR", "US")] == [990, 1990, 3990]


def test_a_band_ends_with_its_last_gram():
    assert [euros("standard", "DE", grams) for grams in (2000, 2001, 5000, 5001)] == [490, 690, 690, 990]


def test_what_is_too_heavy_for_one_parcel_is_several():
    heaviest = RATES.bands[-1]
    assert euros("standard", "DE", heaviest) == 1990
    assert euros("standard", "DE", heaviest + 1) == 1990 + 490
    assert euros("standard", "DE", 3 * heaviest) == 3 * 1990


@given(
    method=st.sampled_from(["standard", "express"]),
    country=st.sampled_from(["DE", "FR", "US"]),
    grams=st.tuples(st.integers(0, 50_000 * HEAVIEST_PRODUCT), st.integers(0, 50_000 * HEAVIEST_PRODUCT)),
    currency=st.sampled_from(sorted(EXPONENTS)),
)
def test_more_weight_never_costs_less_in_any_currency(method, country, grams, currency):
    lighter, heavier = (RATES.price(method, country, each, currency) for each in sorted(grams))
    assert 0 < lighter.amount <= heavier.amount


def test_a_price_has_the_minor_units_of_its_currency():
    assert RATES.price("standard", "DE", 1, "JPY") == Money(amount=4, currency="JPY")
    assert RATES.price("standard", "DE", 1, "KWD") == Money(amount=4900, currency="KWD")


@pytest.mark.parametrize(
    ("attributes", "grams"),
    [
        ({"weight_grams": 1200}, 1200),
        ({}, 500),
        ({"weight_grams": 0}, 500),
        ({"weight_grams": -5}, 500),
        ({"weight_grams": True}, 500),
        ({"weight_grams": "1200"}, 500),
        ({"weight_grams": 1.5}, 500),
        ({"weight_grams": 10**18}, 500),
    ],
)
def test_a_product_weighs_what_it_says_if_that_is_a_weight(attributes, grams):
    assert grams_of(attributes) == grams


def test_a_consignment_weighs_what_its_things_weigh():
    assert total_grams([("anvil", 2), ("unknown", 3)], {"anvil": 9000, "other": 1}) == 2 * 9000 + 3 * 500


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rates: rates["services"]["standard"].pop("world"),
        lambda rates: rates["services"]["express"]["union"]["prices"].pop(),
        lambda rates: rates["bands"].reverse(),
        lambda rates: rates["bands"].clear(),
    ],
)
def test_a_table_with_a_hole_is_refused(spoil):
    rates = json.loads(table("shipping_rates"))
    spoil(rates)
    with pytest.raises(ValidationError):
        ShippingRates.model_validate(rates)
