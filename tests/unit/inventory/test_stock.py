"""Adjustment, shards, and the word for how much there is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.stock.commands import AdjustStock
from inventory.stock.decider import MAX_ON_HAND, InsufficientStock, TooMuchStock, adjust, announce, misplaced
from inventory.stock.levels import Level, Stock
from inventory.stock.words import Thresholds, word

NOW = datetime(2024, 5, 1, tzinfo=UTC)
THRESHOLDS = Thresholds(low=5, plenty=8)


def level(warehouse, on_hand, reserved=0, shard=None):
    return Level(warehouse_id=warehouse, on_hand=on_hand, reserved=reserved, shard=shard)


def adjustment(delta):
    return AdjustStock(sku="mug", warehouse_id="berlin", delta=delta, reason="counted", at=NOW)


@pytest.mark.parametrize(
    ("before", "delta", "after"),
    [
        pytest.param([], 5, (5, 0, 5), id="goods arrive"),
        pytest.param([level("aachen", 7)], 5, (5, 0, 5), id="in this warehouse"),
        pytest.param([level("berlin", 5, 2)], -3, (2, 2, 0), id="what is not reserved may be lost"),
        pytest.param([], MAX_ON_HAND, (MAX_ON_HAND, 0, MAX_ON_HAND), id="up to the roof"),
        pytest.param([level("berlin", 5, 2), level("berlin", 3, 1, 0)], -5, (3, 3, 0), id="shards are counted in"),
    ],
)
def test_an_adjustment_says_what_stands_there_after_it(before, delta, after):
    event = adjust(adjustment(delta), Stock(tuple(before)))
    assert (event.on_hand, event.reserved, event.available) == after


@pytest.mark.parametrize(
    ("before", "delta", "error"),
    [
        pytest.param([level("berlin", 5, 2)], -4, InsufficientStock, id="reserved goods are not lost"),
        pytest.param([level("berlin", 0)], -1, InsufficientStock, id="there is no less than nothing"),
        pytest.param([level("berlin", 1)], MAX_ON_HAND, TooMuchStock, id="nobody has so many"),
    ],
)
def test_an_adjustment_is_refused(before, delta, error):
    with pytest.raises(error):
        adjust(adjustment(delta), Stock(tuple(before)))


def test_what_is_lost_of_a_hot_sku_is_taken_where_nobody_looks_first_and_then_where_most_is():
    places = (level("berlin", 2, 1), level("berlin", 5, 2, 0), level("berlin", 9, 1, 1), level("aachen", 50, 0, 0))
    event = adjust(adjustment(-10), Stock(places, spread=2, shards=2))
    assert [(place.shard, place.delta) for place in event.places] == [(None, -1), (1, -8), (0, -1)]


places = st.builds(
    level, st.sampled_from("ab"), st.integers(0, 30), st.integers(0, 5), st.none() | st.integers(0, 5)
).filter(lambda place: place.available >= 0)
some_places = st.lists(places, unique_by=lambda place: (place.warehouse_id, place.shard))


@given(some_places, st.integers(0, 6))
def test_shifting_what_is_misplaced_puts_all_that_is_free_in_place_and_loses_nothing(places, spread):
    stock = Stock(tuple(places), spread, 6)
    free = {(place.warehouse_id, place.shard): place.available for place in places}
    for shift in misplaced(stock):
        assert 0 < shift.quantity <= free[shift.warehouse_id, shift.source]
        free[shift.warehouse_id, shift.source] -= shift.quantity
        free[shift.warehouse_id, shift.target] = free.get((shift.warehouse_id, shift.target), 0) + shift.quantity
    assert sum(free.values()) == stock.available
    assert all(not left for (_, shard), left in free.items() if shard is not None and shard >= spread)
    there = [level(warehouse, left, 0, shard) for (warehouse, shard), left in free.items()]
    what_came_out_of_old_shards = misplaced(Stock(tuple(there), spread, 6))
    assert all(shift.source is None for shift in what_came_out_of_old_shards)


def test_what_arrives_at_a_hot_sku_fills_the_emptiest_shards_first():
    places = (level("b", 10), level("b", 9, 0, 0), level("b", 2, 1, 1), level("b", 0, 0, 2))
    shifts = misplaced(Stock(places, spread=3, shards=3))
    assert {shift.target: shift.quantity for shift in shifts} == {2: 6, 1: 4}


@pytest.mark.parametrize(
    ("before", "available", "now"),
    [
        (None, 6, "in_stock"),
        (None, 5, "low"),
        (None, 0, "out"),
        ("in_stock", 6, "in_stock"),
        ("in_stock", 5, "low"),
        ("in_stock", 0, "out"),
        ("low", 7, "low"),
        ("low", 8, "in_stock"),
        ("low", 0, "out"),
        ("out", 1, "low"),
        ("out", 7, "low"),
        ("out", 8, "in_stock"),
    ],
)
def test_customers_are_told_a_word_and_another_only_when_it_is_clearly_another(before, available, now):
    assert word(available, before, THRESHOLDS) == now


@pytest.mark.parametrize(
    ("before", "available", "told"),
    [
        (None, 9, ["AvailabilityChanged"]),
        (None, 3, ["AvailabilityChanged", "StockRanLow"]),
        ("in_stock", 5, ["AvailabilityChanged", "StockRanLow"]),
        ("in_stock", 0, ["AvailabilityChanged", "StockRanLow"]),
        ("low", 0, ["AvailabilityChanged"]),
        ("low", 7, []),
        ("out", 3, ["AvailabilityChanged"]),
        ("low", 8, ["AvailabilityChanged", "StockRecovered"]),
    ],
)
def test_staff_are_told_once_that_it_runs_low_and_once_that_it_does_no_more(before, available, told):
    assert [event.type for event in announce("mug", available, before, THRESHOLDS, NOW)] == told
