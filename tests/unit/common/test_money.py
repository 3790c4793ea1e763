import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from common.domain.ledger import balances, transfer
from common.domain.money import EXPONENTS, CurrenciesDiffer, Money, split, total, zero

currencies = st.sampled_from(sorted(EXPONENTS))


@given(amount=st.integers(-(10**9), 10**9), weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_parts_sum_to_the_whole_and_are_within_one_of_their_share(amount, weights):
    whole = Money(amount=amount, currency="EUR")
    parts = split(whole, weights)
    if sum(weights):
        assert total(parts, "EUR") == whole
        assert all(abs(p.amount - amount * w / sum(weights)) < 1 for p, w in zip(parts, weights, strict=True))


def test_what_has_no_weight_gets_nothing():
    assert split(Money(amount=100, currency="EUR"), [0, 3, 0]) == [
        zero("EUR"),
        Money(amount=100, currency="EUR"),
        zero("EUR"),
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(1999, "EUR", "19.99 EUR"), (-5, "EUR", "-0.05 EUR"), (500, "JPY", "500 JPY"), (1234, "KWD", "1.234 KWD")],
)
def test_money_is_written_with_the_digits_of_its_currency(amount, currency, text):
    assert Money(amount=amount, currency=currency).text == text


def test_two_currencies_do_not_add_up():
    with pytest.raises(CurrenciesDiffer):
        zero("EUR") + zero("USD")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 1.0, "currency": "EUR"},
        {"amount": True, "currency": "EUR"},
        {"amount": "1", "currency": "EUR"},
        {"amount": 10**13, "currency": "EUR"},
        {"amount": 1, "currency": "eur"},
        {"amount": 1, "currency": "XXX"},
        {"amount": 1},
        {"amount": 1, "currency": "EUR", "exponent": 2},
    ],
)
def test_nothing_else_is_money(wrong):
    with pytest.raises(ValidationError):
        Money.model_validate(wrong)


@given(amount=st.integers(-(10**9), 10**9), currency=currencies)
def test_a_transfer_sums_to_zero(amount, currency):
    moved = transfer(Money(amount=amount, currency=currency), debit="a", credit="b")
    assert sum(balance.amount for balance in balances(moved).values()) == 0
