"""Allocation, adjustment and the word for how much there is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.stock.commands import AdjustStock
from inventory.stock.decider import MAX_ON_HAND, InsufficientStock, TooMuchStock, adjust
from inventory.stock.levels import Level, allocate, word

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def level(warehouse, on_hand, reserved=0):
    return Level(warehouse_id=warehouse, on_hand=on_hand, reserved=reserved)


@pytest.mark.parametrize(
    ("levels", "quantity", "taken"),
    [
        pytest.param([level("a", 3), level("b", 9)], 3, {"b": 3}, id="from the fullest alone"),
        pytest.param([level("b", 5), level("a", 5)], 3, {"a": 3}, id="of two alike, the first by id"),
        pytest.param([level("a", 9, 8), level("b", 3)], 3, {"b": 3}, id="reserved does not count"),
        pytest.param([level("a", 1), level("b", 2), level("c", 3)], 5, {"c": 3, "b": 2}, id="from as few as can be"),
        pytest.param([level("a", 1), level("b", 1)], 5, {"b": 1, "a": 1}, id="all there is, when that is too little"),
        pytest.param([level("a", 2, 2)], 1, {}, id="nothing from nothing"),
        pytest.param([], 1, {}, id="nor from nowhere"),
    ],
)
def test_a_line_is_allocated(levels, quantity, taken):
    assert {part.warehouse_id: part.quantity for part in allocate(quantity, levels)} == taken


levels = st.builds(level, st.text("abc", min_size=1, max_size=3), st.integers(0, 20), st.just(0))


@given(st.lists(levels, unique_by=lambda each: each.warehouse_id, max_size=6), st.integers(1, 60))
def test_an_allocation_is_enough_or_all_there_is_and_no_warehouse_more_than_needed(levels, quantity):
    parts = allocate(quantity, levels)
    there = {each.warehouse_id: each.available for each in levels}
    assert all(0 < part.quantity <= there[part.warehouse_id] for part in parts)
    assert sum(part.quantity for part in parts) == min(quantity, sum(there.values()))
    fullest = sorted(there.values(), reverse=True)
    assert len(parts) <= 1 or sum(fullest[: len(parts) - 1]) < quantity


def adjustment(delta):
    return AdjustStock(sku="mug", warehouse_id="berlin", delta=delta, reason="counted", at=NOW)


@pytest.mark.parametrize(
    ("before", "delta", "after"),
    [
        pytest.param(level("berlin", 0), 5, (5, 0, 5), id="goods arrive"),
        pytest.param(level("berlin", 5, 2), -3, (2, 2, 0), id="what is not reserved may be lost"),
        pytest.param(level("berlin", 0), MAX_ON_HAND, (MAX_ON_HAND, 0, MAX_ON_HAND), id="up to the roof"),
    ],
)
def test_an_adjustment_says_what_stands_there_after_it(before, delta, after):
    event = adjust(adjustment(delta), before)
    assert (event.on_hand, event.reserved, event.available) == after


@pytest.mark.parametrize(
    ("before", "delta", "error"),
    [
        pytest.param(level("berlin", 5, 2), -4, InsufficientStock, id="reserved goods are not lost"),
        pytest.param(level("berlin", 0), -1, InsufficientStock, id="there is no less than nothing"),
        pytest.param(level("berlin", 1), MAX_ON_HAND, TooMuchStock, id="nobody has so many"),
    ],
)
def test_an_adjustment_is_refused(before, delta, error):
    with pytest.raises(error):
        adjust(adjustment(delta), before)


@pytest.mark.parametrize(("available", "told"), [(6, "in_stock"), (5, "low"), (1, "low"), (0, "out")])
def test_customers_are_told_a_word(available, told):
    assert word(available, low=5) == told
