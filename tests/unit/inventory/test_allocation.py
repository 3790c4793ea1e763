"""Which places an order is taken from: as few warehouses as can be, by a stated rule."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.stock.allocation import allocate, short_of
from inventory.stock.levels import Level


def level(warehouse, on_hand, reserved=0, shard=None):
    return Level(warehouse_id=warehouse, on_hand=on_hand, reserved=reserved, shard=shard)


def taken(wanted, levels):
    found = allocate(wanted, levels)
    return {sku: {part.warehouse_id: part.quantity for part in parts} for sku, parts in found.items()}


@pytest.mark.parametrize(
    ("levels", "quantity", "expected"),
    [
        pytest.param([level("a", 3), level("b", 9)], 3, {"b": 3}, id="from the fullest alone"),
        pytest.param([level("b", 5), level("a", 5)], 3, {"a": 3}, id="of two alike, the first by id"),
        pytest.param([level("a", 9, 8), level("b", 3)], 3, {"b": 3}, id="reserved does not count"),
        pytest.param([level("a", 1), level("b", 2), level("c", 3)], 5, {"c": 3, "b": 2}, id="from as few as can be"),
    ],
)
def test_a_line_is_allocated(levels, quantity, expected):
    assert taken({"mug": quantity}, {"mug": levels}) == {"mug": expected}


def test_one_warehouse_that_has_all_lines_beats_two_that_are_fuller():
    levels = {
        "mug": [level("aachen", 2), level("berlin", 90)],
        "cup": [level("aachen", 2), level("celle", 90)],
    }
    assert taken({"mug": 2, "cup": 1}, levels) == {"mug": {"aachen": 2}, "cup": {"aachen": 1}}


def test_a_line_that_must_be_parted_takes_what_is_at_the_others_warehouses():
    levels = {"mug": [level("aachen", 3), level("berlin", 3), level("celle", 3)], "cup": [level("celle", 1)]}
    assert taken({"mug": 5, "cup": 1}, levels) == {"mug": {"aachen": 3, "celle": 2}, "cup": {"celle": 1}}


def test_in_a_warehouse_as_few_shards_as_can_be_are_taken_from():
    levels = {"mug": [level("a", 1), level("a", 2, shard=0), level("a", 4, shard=1), level("b", 6, shard=0)]}
    found = allocate({"mug": 6}, levels)["mug"]
    assert [(part.warehouse_id, part.shard, part.quantity) for part in found] == [("a", 1, 4), ("a", 0, 2)]


def test_with_very_many_warehouses_all_lines_are_found_all_the_same():
    names = [f"w{n:03}" for n in range(200)]
    levels = {"mug": [level(name, 1) for name in names], "cup": [level(name, 1) for name in names[100:]]}
    found = taken({"mug": 20, "cup": 20}, levels)
    assert set(found["mug"]) == set(found["cup"]) == set(names[100:120])


WAREHOUSES = "abcde"
places = st.builds(
    level,
    st.sampled_from(WAREHOUSES),
    st.integers(0, 8),
    st.integers(0, 3),
    st.none() | st.integers(0, 2),
).filter(lambda place: place.available >= 0)
some_levels = st.lists(places, unique_by=lambda place: (place.warehouse_id, place.shard), max_size=8)
orders = st.dictionaries(st.sampled_from(["mug", "cup", "pot"]), st.integers(1, 12), min_size=1)


@given(orders, st.fixed_dictionaries({sku: some_levels for sku in ("mug", "cup", "pot")}), st.randoms())
def test_all_lines_in_full_from_what_is_there_and_from_as_few_warehouses_as_can_be(wanted, levels, shuffled):
    there = {sku: sum(place.available for place in levels[sku]) for sku in wanted}
    assert short_of(wanted, levels) == [sku for sku in wanted if there[sku] < wanted[sku]]
    if short_of(wanted, levels):
        return
    found = allocate(wanted, levels)
    for sku, quantity in wanted.items():
        free = {(place.warehouse_id, place.shard): place.available for place in levels[sku]}
        assert sum(part.quantity for part in found[sku]) == quantity
        assert all(0 < part.quantity <= free[part.warehouse_id, part.shard] for part in found[sku])
        assert len({(part.warehouse_id, part.shard) for part in found[sku]}) == len(found[sku])
    used = {part.warehouse_id for parts in found.values() for part in parts}
    assert len(used) == fewest(wanted, levels)
    for places in levels.values():
        shuffled.shuffle(places)
    assert allocate(wanted, levels) == found


def fewest(wanted, levels):
    def serves(some):
        return all(
            sum(place.available for place in levels[sku] if place.warehouse_id in some) >= quantity
            for sku, quantity in wanted.items()
        )

    return next(size for size in range(6) if any(serves(some) for some in combinations(WAREHOUSES, size)))
