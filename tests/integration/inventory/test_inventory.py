"""Stock through its front doors: from what API Gateway, Step Functions, the queue and the clock send, to the tables."""

from datetime import UTC, datetime, timedelta

import pytest

from common.domain.errors import NotFound
from inventory import handlers, use_cases
from inventory.reservation.decider import NotSold, OutOfStock, ReservationClosed, StockAlreadyCommitted
from inventory.stock.rows import StockRows

NOW = datetime(2024, 5, 1, tzinfo=UTC)
STOCK, ADJUSTMENTS = "/inventory/stock/{sku}", "/inventory/stock/{sku}/adjustments"


def test_goods_that_arrive_can_be_read_at_once(adjust, call):
    answer = adjust("mug", 5)
    said = {"sku": "mug", "warehouse_id": "berlin", "delta": 5, "reason": "counted", "at": "2024-05-01T00:00:00Z"}
    assert (answer.status, answer.body) == (201, {**said, "on_hand": 5, "reserved": 0, "available": 5})
    adjust("mug", 2, "aachen")
    assert call("GET", STOCK, sku="mug").body == {
        "sku": "mug",
        "on_hand": 7,
        "reserved": 0,
        "available": 7,
        "warehouses": [
            {"warehouse_id": "aachen", "on_hand": 2, "reserved": 0},
            {"warehouse_id": "berlin", "on_hand": 5, "reserved": 0},
        ],
        "hot": None,
    }


def test_an_adjustment_sent_twice_is_one(adjust, figures):
    first, again = adjust("mug", 5, key="k"), adjust("mug", 5, key="k")
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    assert figures("mug") == (5, 0, 5)
    assert adjust("mug", 6, key="k").body["code"] == "idempotency_key_reused"


def test_what_is_reserved_cannot_be_taken_away(adjust, reserve, figures):
    adjust("mug", 5)
    reserve(mug=3)
    refused = adjust("mug", -3)
    assert (refused.status, refused.body["code"]) == (409, "insufficient_stock")
    assert adjust("mug", -2).body["available"] == 0
    assert figures("mug") == (3, 3, 0)
    assert adjust("cup", -1).status == 409


def test_customers_learn_of_ten_at_most(adjust, reserve, call):
    adjust("mug", 500)
    adjust("cup", 3)
    reserve(cup=1)
    answer = call("GET", "/inventory/availability", caller=None, query={"sku": "mug,cup,none,mug"})
    assert answer.status == 200
    assert answer.body == {
        "items": [{"sku": "mug", "available": 10}, {"sku": "cup", "available": 2}, {"sku": "none", "available": 0}]
    }


def test_all_lines_are_reserved_or_none(adjust, reserve, figures, expiring, commits, carry):
    adjust("mug", 5)
    adjust("cup", 1)
    with pytest.raises(OutOfStock, match="not enough of cup"):
        reserve(mug=2, cup=2)
    carry()
    assert (figures("mug"), figures("cup"), expiring()) == ((5, 0, 5), (1, 0, 1), set())
    assert reserve("ord_2", mug=2, cup=1) == {"reservation_id": "rsv_2"}
    carry()
    assert (figures("mug"), figures("cup"), expiring()) == ((5, 2, 3), (1, 1, 0), {"ord_2"})
    (reserved,) = [message for message in commits() if message.type == "StockReserved"]
    assert (reserved.subject, reserved.data["order_id"]) == ("rsv_2", "ord_2")
    assert reserved.data["expires_at"] == "2024-05-01T00:15:00Z"


def test_a_line_may_come_from_two_warehouses(adjust, reserve, step, call):
    adjust("mug", 3, "berlin")
    adjust("mug", 2, "aachen")
    reserve(mug=4)
    both = [
        {"warehouse_id": "aachen", "on_hand": 2, "reserved": 1},
        {"warehouse_id": "berlin", "on_hand": 3, "reserved": 3},
    ]
    assert call("GET", STOCK, sku="mug").body["warehouses"] == both
    step("ReleaseStock")
    assert call("GET", STOCK, sku="mug").body["reserved"] == 0


def test_fifty_lines_are_reserved_in_one_transaction(adjust, reserve, step, figures):
    wanted = {f"sku{n}": 1 for n in range(50)}
    for sku in wanted:
        adjust(sku, 1)
    reserve(**wanted)
    assert all(figures(sku) == (1, 1, 0) for sku in wanted)
    with pytest.raises(OutOfStock):
        reserve("ord_2", sku49=1)


@pytest.fixture
def outrun(reserve, monkeypatch):
    """A rival who is faster: takes `quantity` mugs between the next reading of the stock and the writing."""

    def outrun(quantity):
        nearby, rivals = StockRows.nearby, ["ord_rival"]

        def then_too_late(self, sku, order_id):
            seen = nearby(self, sku, order_id)
            if rivals:
                reserve(rivals.pop(), mug=quantity)
            return seen

        monkeypatch.setattr(StockRows, "nearby", then_too_late)

    return outrun


def test_when_a_rival_was_faster_the_stock_is_read_again(adjust, reserve, outrun, call):
    adjust("mug", 3, "berlin")
    adjust("mug", 2, "aachen")
    outrun(2)
    reserve(mug=2)
    assert [each["reserved"] for each in call("GET", STOCK, sku="mug").body["warehouses"]] == [2, 2]


def test_the_last_one_is_sold_once(adjust, reserve, outrun, figures):
    adjust("mug", 1)
    outrun(1)
    with pytest.raises(OutOfStock):
        reserve(mug=1)
    assert figures("mug") == (1, 1, 0)


def test_an_adjustment_that_was_outrun_says_what_is_true(adjust, reserve, monkeypatch, figures):
    adjust("mug", 5)
    everywhere, rivals = StockRows.everywhere, ["ord_rival"]

    def then_too_late(self, sku):
        seen = everywhere(self, sku)
        if rivals:
            reserve(rivals.pop(), mug=2)
        return seen

    monkeypatch.setattr(StockRows, "everywhere", then_too_late)
    assert adjust("mug", 1).body["reserved"] == 2
    assert figures("mug") == (6, 2, 4)


def test_a_paid_order_is_held_and_leaves_once(adjust, reserve, step, figures, expiring, sweep, carry):
    adjust("mug", 5)
    for _ in range(2):
        reserve(mug=2)
    carry(times=2)
    for _ in range(2):
        step("HoldStock")
    for _ in range(2):
        sweep(NOW + timedelta(hours=1))
    assert (figures("mug"), expiring()) == ((5, 2, 3), set())
    for _ in range(2):
        step("CommitStock", at=NOW + timedelta(days=1))
    assert figures("mug") == (3, 0, 3)
    with pytest.raises(StockAlreadyCommitted):
        step("ReleaseStock")


def test_what_is_released_comes_back_once_and_does_not_leave(adjust, reserve, step, figures, sweep, carry):
    adjust("mug", 5)
    reserve(mug=2)
    carry()
    for _ in range(2):
        step("ReleaseStock")
    sweep(NOW + timedelta(hours=1))
    assert figures("mug") == (5, 0, 5)
    for late in ("HoldStock", "CommitStock"):
        with pytest.raises(ReservationClosed):
            step(late)
    with pytest.raises(ReservationClosed):
        reserve(mug=2)


def test_a_release_that_comes_first_refuses_the_reservation(adjust, reserve, step, figures):
    adjust("mug", 5)
    step("ReleaseStock")
    with pytest.raises(ReservationClosed):
        reserve(mug=2)
    assert figures("mug") == (5, 0, 5)
    with pytest.raises(NotFound):
        step("HoldStock", "ord_2")


def test_a_reservation_that_nobody_pays_for_expires(adjust, reserve, step, figures, expiring, sweep, carry):
    adjust("mug", 5)
    reserve("ord_1", mug=2)
    reserve("ord_2", NOW + timedelta(minutes=1), mug=1)
    carry()
    sweep(NOW + timedelta(minutes=14))
    assert figures("mug") == (5, 3, 2)
    with pytest.raises(ReservationClosed):  # though nobody has swept it yet
        step("HoldStock", at=NOW + timedelta(minutes=15))
    for _ in range(2):
        sweep(NOW + timedelta(minutes=15))
    assert (figures("mug"), expiring()) == ((5, 1, 4), {"ord_2"})
    with pytest.raises(ReservationClosed):
        step("HoldStock")


def test_a_sweep_in_the_minute_of_its_end_forgets_nobody(adjust, reserve, sweep, carry, figures):
    adjust("mug", 5)
    reserve("ord_1", NOW + timedelta(seconds=30), mug=2)
    carry()
    sweep(NOW + timedelta(minutes=15, seconds=10))
    assert figures("mug") == (5, 2, 3)
    sweep(NOW + timedelta(minutes=16, seconds=10))
    assert figures("mug") == (5, 0, 5)


def test_what_is_noted_while_a_note_is_worked_off_is_not_forgotten(adjust, reserve, sweep, carry, figures, meanwhile):
    def another():
        reserve("ord_1", NOW + timedelta(seconds=20), mug=1)
        carry()

    adjust("mug", 5)
    reserve("ord_0", mug=1)
    carry()
    meanwhile(use_cases, "_expire", another)
    sweep(NOW + timedelta(minutes=15))
    assert figures("mug") == (5, 1, 4)
    sweep(NOW + timedelta(minutes=16))
    assert figures("mug") == (5, 0, 5)


def test_a_buyer_need_not_wait_for_the_sweeper(adjust, reserve, carry, figures):
    adjust("mug", 2)
    reserve("ord_1", mug=2)
    carry()
    with pytest.raises(OutOfStock):
        reserve("ord_2", NOW + timedelta(minutes=15) - timedelta(microseconds=1), mug=1)
    reserve("ord_3", NOW + timedelta(minutes=15), mug=1)
    assert figures("mug") == (2, 1, 1)


@pytest.mark.parametrize("told", [{"act_until": "2024-05-01T00:25:00Z"}, {}])
def test_the_goods_are_kept_while_the_customer_must_act(
    told, adjust, reserve, step, carry, deliver, message, sweep, figures
):
    adjust("mug", 2)
    reserve("ord_1", mug=1)
    carry()
    awaits = message(
        "order", "OrderAwaitingPayment", "ord_1", {"order_id": "ord_1", **told}, time="2024-05-01T00:10:00Z"
    )
    assert deliver(handlers.consumer, awaits, awaits) == []
    for minutes in (15, 25, 29):  # until the order gives up, and a saga's time longer
        sweep(NOW + timedelta(minutes=minutes))
        assert figures("mug") == (2, 1, 1)
    sweep(NOW + timedelta(minutes=30))
    assert figures("mug") == (2, 0, 2)
    with pytest.raises(ReservationClosed):
        step("HoldStock", at=NOW + timedelta(minutes=29))


def test_news_that_comes_too_late_extends_nothing_and_harms_nothing(
    adjust, reserve, step, carry, deliver, message, figures
):
    adjust("mug", 2)
    reserve("ord_1", mug=1)
    step("ReleaseStock")
    carry()
    late = message("order", "OrderAwaitingPayment", "ord_1", {"order_id": "ord_1"})
    assert deliver(handlers.consumer, late) == []
    assert figures("mug") == (2, 0, 2)


def test_movements_sum_to_what_is_on_hand_however_often_the_news_comes(adjust, reserve, step, carry, call, figures):
    adjust("mug", 5, "berlin")
    adjust("mug", 2, "aachen")
    adjust("mug", -1, "berlin")
    reserve(mug=5)
    step("CommitStock", at=NOW + timedelta(minutes=1))
    carry(times=2)
    movements = call("GET", f"{STOCK}/movements", sku="mug").body["items"]
    assert sum(each["delta"] for each in movements) == figures("mug")[0] == 1
    assert {(each["warehouse_id"], each["delta"]) for each in movements[:2]} == {("berlin", -4), ("aachen", -1)}
    assert all((each["kind"], each["order_id"]) == ("sale", "ord_1") for each in movements[:2])
    assert {each["reason"] for each in movements[2:]} == {"counted"}


def test_an_order_leaves_in_parcels_and_comes_back_in_returns(adjust, reserve, step, carry, call, figures):
    adjust("mug", 3, "berlin")
    adjust("mug", 2, "aachen")
    reserve(mug=5)
    step("HoldStock")
    for _ in range(2):
        step("CommitStock", shipment_id="shp_1", items=[{"sku": "mug", "quantity": 4}])
    assert figures("mug") == (1, 1, 0)
    step("CommitStock", shipment_id="shp_2", items=[{"sku": "mug", "quantity": 1}])
    assert figures("mug") == (0, 0, 0)
    for _ in range(2):
        step("RestockReturn", return_id="ret_1", items=[{"sku": "mug", "quantity": 4}])
    assert call("GET", STOCK, sku="mug").body["warehouses"] == [
        {"warehouse_id": "aachen", "on_hand": 1, "reserved": 0},
        {"warehouse_id": "berlin", "on_hand": 3, "reserved": 0},
    ]
    with pytest.raises(NotSold):
        step("RestockReturn", return_id="ret_2", items=[{"sku": "mug", "quantity": 2}])
    carry(times=2)
    movements = call("GET", f"{STOCK}/movements", sku="mug").body["items"]
    assert sum(each["delta"] for each in movements) == 4
    back = {(each["warehouse_id"], each["delta"], each["order_id"]) for each in movements if each["kind"] == "return"}
    assert back == {("berlin", 3, "ord_1"), ("aachen", 1, "ord_1")}
    assert [each["sku"] for each in call("GET", "/inventory/low-stock").body["items"]] == ["mug"]


def test_movements_come_page_by_page_newest_first(adjust, call):
    for hour, delta in enumerate((1, 2, 3)):
        adjust("mug", delta, at=1714521600000 + hour * 3_600_000)
    how = {"sku": "mug", "query": {"limit": "2"}}
    page = call("GET", f"{STOCK}/movements", **how)
    assert [each["delta"] for each in page.body["items"]] == [3, 2]
    cursor = {"limit": "2", "cursor": page.body["next_cursor"]}
    rest = call("GET", f"{STOCK}/movements", sku="mug", query=cursor)
    assert ([each["delta"] for each in rest.body["items"]], rest.body["next_cursor"]) == ([1], None)
    assert call("GET", f"{STOCK}/movements", sku="cup", query=cursor).body["code"] == "invalid_cursor"


def test_a_word_is_told_when_it_changes_and_only_then(adjust, reserve, step, carry, commits, call):
    def told():
        return [each.data["availability"] for each in commits() if each.type == "AvailabilityChanged"]

    adjust("mug", 7)
    carry(times=2)
    reserve("ord_1", mug=1)
    carry(times=2)
    assert told() == ["in_stock"]
    reserve("ord_2", mug=1)
    carry(times=2)
    assert told() == ["in_stock", "low"]
    reserve("ord_3", mug=5)
    carry()
    assert told() == ["in_stock", "low", "out"]
    assert [each["sku"] for each in call("GET", "/inventory/low-stock").body["items"]] == ["mug"]
    step("ReleaseStock", "ord_3")
    step("ReleaseStock", "ord_2")
    carry()
    assert told() == ["in_stock", "low", "out", "low"]  # six are not clearly more than five
    adjust("mug", 1)
    carry()
    assert [each["available"] for each in call("GET", "/inventory/low-stock").body["items"]] == [7]
    adjust("mug", 1, key="one more")
    carry()
    assert told() == ["in_stock", "low", "out", "low", "in_stock"]
    assert [each.type for each in commits() if each.type in ("StockRanLow", "StockRecovered")] == [
        "StockRanLow",
        "StockRecovered",
    ]
    assert call("GET", "/inventory/low-stock").body == {"items": [], "next_cursor": None}
    own = [each.sequence for each in commits() if each.subject == "stock_mug"]
    assert sorted(own) == list(range(1, len(own) + 1))


def test_low_stock_lists_what_is_out_first(adjust, reserve, carry, call):
    for sku, some in {"cup": 1, "mug": 5, "pot": 6, "tea": 1}.items():
        adjust(sku, some)
    reserve(tea=1)
    carry()
    page = call("GET", "/inventory/low-stock", query={"limit": "1"})
    assert [(each["sku"], each["available"]) for each in page.body["items"]] == [("tea", 0)]
    rest = call("GET", "/inventory/low-stock", query={"cursor": page.body["next_cursor"]})
    assert [each["sku"] for each in rest.body["items"]] == ["mug", "cup"]
