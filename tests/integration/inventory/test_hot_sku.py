"""A hot SKU is counted in shards: nothing is oversold, nothing is refused that stands in another shard."""

import pytest

from inventory import bootstrap
from inventory.reservation.decider import OutOfStock
from inventory.stock.rows import StockRows

STOCK = "/inventory/stock/{sku}"
HOT = f"{STOCK}/hot"


@pytest.fixture
def hot(call, carry):
    """Mark it, and let the goods follow."""

    def hot(sku, shards=4):
        answer = call("PUT", HOT, sku=sku, body={"shards": shards})
        carry()
        return answer

    return hot


@pytest.fixture
def cool(call, carry):
    def cool(sku):
        answer = call("DELETE", HOT, sku=sku)
        carry()
        return answer

    return cool


@pytest.fixture
def places(warehouse):
    """What is available and reserved, by shard."""
    return lambda sku, warehouse="berlin": {
        level.shard: (level.available, level.reserved)
        for level in bootstrap.stock().everywhere(sku).levels
        if level.warehouse_id == warehouse
    }


def test_the_goods_of_a_hot_sku_are_spread_evenly_and_summed_for_those_who_read(adjust, hot, places, figures, call):
    adjust("mug", 10)
    answer = hot("mug")
    assert (answer.status, answer.body["hot"], answer.body["available"]) == (200, {"shards": 4}, 10)
    assert places("mug") == {None: (0, 0), 0: (3, 0), 1: (3, 0), 2: (2, 0), 3: (2, 0)}
    assert figures("mug") == (10, 0, 10)
    assert call("GET", STOCK, sku="mug").body["warehouses"] == [
        {"warehouse_id": "berlin", "on_hand": 10, "reserved": 0}
    ]
    availability = call("GET", "/inventory/availability", caller=None, query={"sku": "mug"})
    assert availability.body == {"items": [{"sku": "mug", "available": 10}]}


def test_marking_it_again_changes_nothing(adjust, hot, commits):
    adjust("mug", 10)
    hot("mug")
    before = len(commits())
    assert hot("mug").status == 200
    assert len(commits()) == before


def test_orders_reserve_in_different_shards(adjust, hot, reserve, places, step, figures):
    adjust("mug", 400)
    hot("mug")
    for n in range(40):
        reserve(f"ord_{n}", mug=1)
    reserved = [kept for _, kept in places("mug").values()]
    assert sum(reserved) == 40
    assert sum(1 for kept in reserved if kept) == 4
    for n in range(20):
        step("ReleaseStock", f"ord_{n}")
    for n in range(20, 40):
        step("CommitStock", f"ord_{n}")
    assert figures("mug") == (380, 0, 380)
    assert all(kept == 0 for _, kept in places("mug").values())


def test_the_last_units_are_found_wherever_they_are_and_sold_once(adjust, hot, reserve, figures):
    adjust("mug", 10)
    hot("mug", 8)
    for n in range(10):
        reserve(f"ord_{n}", mug=1)
    with pytest.raises(OutOfStock):
        reserve("ord_late", mug=1)
    assert figures("mug") == (10, 10, 0)


def test_an_order_may_take_from_several_shards_and_from_several_warehouses(adjust, hot, reserve, step, call, figures):
    adjust("mug", 8, "berlin")
    adjust("mug", 4, "aachen")
    hot("mug")
    reserve(mug=9)
    assert {(each["warehouse_id"], each["reserved"]) for each in call("GET", STOCK, sku="mug").body["warehouses"]} == {
        ("berlin", 8),
        ("aachen", 1),
    }
    with pytest.raises(OutOfStock):
        reserve("ord_2", mug=4)
    step("CommitStock", shipment_id="shp_1", items=[{"sku": "mug", "quantity": 5}])
    step("RestockReturn", return_id="ret_1", items=[{"sku": "mug", "quantity": 3}])
    step("ReleaseStock")
    assert figures("mug") == (10, 0, 10)


def test_what_was_reserved_before_it_was_hot_ends_where_it_began_and_then_joins_the_rest(
    adjust, hot, reserve, step, carry, places, figures
):
    adjust("mug", 10)
    reserve("ord_old", mug=4)
    reserve("ord_sold", mug=2)
    hot("mug", 2)
    assert places("mug") == {None: (0, 6), 0: (2, 0), 1: (2, 0)}
    step("ReleaseStock", "ord_old")
    reserve("ord_big", mug=8)  # though half of it has not been spread again yet
    assert figures("mug") == (10, 10, 0)
    step("CommitStock", "ord_sold")
    step("ReleaseStock", "ord_big")
    carry()
    assert places("mug")[None] == (0, 0)
    assert figures("mug") == (8, 0, 8)


def test_a_sku_that_cools_down_is_counted_in_one_place_again(adjust, hot, cool, reserve, step, carry, places, call):
    adjust("mug", 10)
    hot("mug", 2)
    reserve("ord_1", mug=3)
    assert cool("mug").status == 204
    body = call("GET", STOCK, sku="mug").body
    assert (body["hot"], body["available"], body["reserved"]) == (None, 7, 3)
    assert places("mug")[None] == (7, 0)
    step("ReleaseStock", "ord_1")
    reserve("ord_2", mug=10)  # what has come back to a shard is found there
    step("ReleaseStock", "ord_2")
    carry()
    assert places("mug") == {None: (10, 0), 0: (0, 0), 1: (0, 0)}


def test_fewer_shards_are_emptied_into_those_that_remain(adjust, hot, places, carry):
    adjust("mug", 8)
    hot("mug", 4)
    hot("mug", 2)
    assert places("mug") == {None: (0, 0), 0: (4, 0), 1: (4, 0), 2: (0, 0), 3: (0, 0)}


def test_goods_that_arrive_are_spread_and_goods_that_are_lost_are_taken_where_they_are(
    adjust, hot, reserve, carry, places, figures, call
):
    adjust("mug", 4)
    hot("mug", 2)
    reserve("ord_1", mug=1)
    answer = adjust("mug", 5, key="delivery")
    assert (answer.body["on_hand"], answer.body["reserved"]) == (9, 1)
    reserve("ord_2", mug=8)  # found, though nobody has spread it yet
    refused = adjust("mug", -1)
    assert (refused.status, refused.body["code"]) == (409, "insufficient_stock")
    adjust("mug", 6, key="another")
    carry()
    assert places("mug")[None][0] == 0
    assert adjust("mug", -6, key="stolen").body["on_hand"] == 9
    assert figures("mug") == (9, 9, 0)
    adjust("mug", 2, "aachen")
    carry()
    assert places("mug", "aachen") == {None: (0, 0), 0: (1, 0), 1: (1, 0)}


def test_goods_on_their_way_between_two_places_are_not_overlooked(adjust, hot, reserve, cool, call, monkeypatch, carry):
    """While it cools down, they leave the shards after the warehouse's own place was read, and before these are."""
    adjust("mug", 4)
    hot("mug", 2)
    shards, moves = StockRows._shards, ["once"]

    def too_late(self, sku, own):
        if moves:
            moves.pop()
            cool("mug")
        return shards(self, sku, own)

    monkeypatch.setattr(StockRows, "_shards", too_late)
    reserve("ord_1", mug=4)


def test_what_is_sold_while_it_is_counted_is_not_taken_away(adjust, hot, reserve, places, figures, monkeypatch):
    """The order comes between the look at the places and the write: what it has reserved is not free any more."""
    adjust("mug", 4)
    hot("mug", 2)
    everywhere = StockRows.everywhere

    def outrun(self, sku):
        seen = everywhere(self, sku)
        monkeypatch.setattr(StockRows, "everywhere", everywhere)
        reserve("ord_1", mug=4)
        return seen

    monkeypatch.setattr(StockRows, "everywhere", outrun)
    refused = adjust("mug", -2)
    assert (refused.status, refused.body["code"]) == (409, "insufficient_stock")
    assert figures("mug") == (4, 4, 0)
    assert min(available for available, _ in places("mug").values()) == 0


def test_eight_shards_unless_one_asks_for_more(adjust, call):
    adjust("mug", 1)
    assert call("PUT", HOT, sku="mug", body={}).body["hot"] == {"shards": 8}
