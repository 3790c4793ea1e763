"""Stock under pressure, over HTTP: many buyers of few things, hot SKUs, expiry racing those who pay at last.

`COMMERCE_BUYERS=1000 ./commerce test tests/system/test_stock.py` plays the sale at full size.
"""

import json
import os
from collections import Counter
from datetime import UTC, datetime

import pytest

from local.platform import Platform
from local.shop import Shop

BUYERS = int(os.environ.get("COMMERCE_BUYERS", "50"))
UNITS = BUYERS // 10
AT_ONCE = 50  # orders that are placed before the platform gets a breath
QUARTER = 15 * 60


@pytest.fixture
def stage(assembly):
    """A shop on a platform of its own, with `seed`."""
    platforms = []

    def stage(seed):
        platforms.append(Platform.start(assembly, seed=seed, throttle=False))
        shop = Shop(platforms[-1].client(), platforms[-1].webhook_secrets)
        shop.join("admin@commerce.example", "Grace")
        shop.join("ada@customer.example")
        return platforms[-1], shop

    yield stage
    for platform in platforms:
        platform.stop()


def staff(shop):
    return shop.sign_in("admin@commerce.example")


def ada(shop):
    return shop.sign_in("ada@customer.example")


def outcomes(shop, placed):
    customer = ada(shop)
    orders = [customer.get(f"/orders/{order_id}") for order_id in placed]
    return Counter((order["status"], order.get("reason")) for order in orders)


@pytest.mark.parametrize("hot", [False, True], ids=["one row", "in shards"])
def test_of_many_buyers_exactly_as_many_succeed_as_there_are_units(hot, stage):
    platform, shop = stage(seed=7)
    shop.stock(staff(shop), "console", UNITS)
    if hot:
        assert staff(shop).ask("PUT", "/inventory/stock/console/hot", {"shards": 4}).status_code == 200
    shop.settle()
    placed = []
    for start in range(0, BUYERS, AT_ONCE):
        shop.client.delete("/_local/faults")  # what was not met by orders is not to be met by who signs in
        customer = ada(shop)  # a token does not outlive the waiting
        conflicts = {
            "service": "dynamodb",
            "operation": "TransactWriteItems",
            "kind": "conflict",
            "times": AT_ONCE // 2,
        }
        assert shop.client.post("/_local/faults", json=conflicts).status_code < 300
        placed += [customer.order("console")["order_id"] for _ in range(min(AT_ONCE, BUYERS - start))]
        shop.settle()
    shop.client.delete("/_local/faults")
    shop.settle()
    assert outcomes(shop, placed) == {("confirmed", None): UNITS, ("rejected", "out_of_stock"): BUYERS - UNITS}
    stock = staff(shop).get("/inventory/stock/console")
    assert (stock["on_hand"], stock["reserved"], stock["available"]) == (UNITS, UNITS, 0)
    assert len([fault for fault, _ in platform.seam.faults.struck if fault.kind == "conflict"]) >= AT_ONCE // 2
    assert shop.promises_broken() == []


SEEDS = range(3)
ORIGIN = {"actor": "test", "correlation_id": "race", "causation_id": "race"}


def awaiting_payment(shop, sku, number):
    """Orders whose customers must act, and where they do it."""
    shop.stock(staff(shop), sku, number)
    shop.settle()
    customer = ada(shop)
    placed = [customer.order(sku, 1, "pm_card_threeDSecure2Required")["order_id"] for _ in range(number)]
    shop.settle()
    payments = [customer.get(f"/payments?order_id={order_id}")["items"][0] for order_id in placed]
    return placed, [payment["next_action"]["redirect_url"] for payment in payments]


def stands(shop, sku):
    stock = staff(shop).get(f"/inventory/stock/{sku}")
    return stock["on_hand"], stock["reserved"], stock["available"]


@pytest.mark.parametrize("seed", SEEDS)
def test_who_pays_at_the_last_moment_has_the_goods_and_who_pays_after_it_has_the_money(seed, stage):
    """Customers act from a minute before the order's deadline on, while the sweepers of order and stock come by."""
    platform, shop = stage(seed)
    placed, redirects = awaiting_payment(shop, "lamp", 6)
    platform.advance(QUARTER - 40)
    for redirect in redirects:
        assert shop.client.get(redirect).status_code in (200, 409)  # 409: too late, the payment is cancelled
        platform.advance(25)
    shop.settle()
    platform.advance(QUARTER)
    shop.settle()
    found = outcomes(shop, placed)
    assert set(found) <= {("confirmed", None), ("rejected", "payment_timeout")}
    confirmed = found["confirmed", None]
    assert confirmed >= 1  # the first was in time, and is not told otherwise
    assert stands(shop, "lamp") == (6, confirmed, 6 - confirmed)
    assert shop.promises_broken() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hold_and_an_expiry_that_meet_have_one_winner(seed, stage):
    platform, shop = stage(seed)
    placed, _ = awaiting_payment(shop, "vase", 4)
    [expiry] = {at for at in extended_until(platform)}
    just_before = datetime.fromtimestamp(expiry.timestamp() - 1, UTC).isoformat()
    holds = [
        run(platform, "commerce-inventory-tasks", {"command": hold(order_id, just_before), "origin": ORIGIN})
        for order_id in placed
    ]
    sweep = run(platform, "commerce-inventory-sweeper", {"id": "race", "time": expiry.isoformat()})
    for task in (*holds, sweep):
        platform.finish(task)
    held = [order_id for order_id, task in zip(placed, holds, strict=True) if not task.outcome().error]
    for task in holds:
        assert task.outcome().error is None or b"ReservationClosed" in task.outcome().payload
    assert not sweep.outcome().error
    assert stands(shop, "vase") == (4, len(held), 4 - len(held))
    assert [promise["name"] for promise in shop.promises_broken() if "stock" in promise["name"]] == []
    platform.advance(2 * QUARTER)  # nobody has paid: what was held is given back with the order
    shop.settle()
    assert outcomes(shop, placed) == {("rejected", "payment_timeout"): 4}
    assert stands(shop, "vase") == (4, 0, 4)
    assert shop.promises_broken() == []


def test_goods_that_nobody_paid_for_in_time_are_for_sale_again_and_who_pays_then_pays_nothing(stage):
    platform, shop = stage(seed=0)
    placed, [redirect] = awaiting_payment(shop, "bowl", 1)
    [expiry] = extended_until(platform)
    sweep = run(platform, "commerce-inventory-sweeper", {"id": "late", "time": expiry.isoformat()})
    platform.finish(sweep)
    assert not sweep.outcome().error
    assert stands(shop, "bowl") == (1, 0, 1)
    assert shop.client.get(redirect).status_code == 200
    shop.settle()
    assert set(outcomes(shop, placed)) == {("rejected", "payment_timeout")}
    timeline = [entry["type"] for entry in ada(shop).get(f"/orders/{placed[0]}/timeline?limit=100")["items"]]
    assert "ReservationExpired" in timeline
    assert shop.promises_broken() == []


def hold(order_id, at):
    return {"type": "HoldStock", "order_id": order_id, "at": at}


def run(platform, function, event):
    return platform.operate(lambda: platform.functions.run(function, json.dumps(event).encode()))


def extended_until(platform):
    for item in platform.operator("dynamodb").scan(TableName="commerce-inventory-events")["Items"]:
        for text in item["events"]["L"]:
            event = json.loads(text["S"])
            if event["type"] == "ReservationExtended":
                yield datetime.fromisoformat(event["expires_at"])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hot_sku_may_cool_down_and_heat_up_while_it_is_sold(seed, stage):
    _, shop = stage(seed)
    shop.stock(staff(shop), "poster", 12)
    shop.settle()
    boss, customer, placed = staff(shop), ada(shop), []
    for turn, shards in enumerate((3, None, 5, 2, None)):
        placed += [customer.order("poster")["order_id"] for _ in range(4)]
        if shards:
            assert boss.ask("PUT", "/inventory/stock/poster/hot", {"shards": shards}).status_code == 200
            for delta in (2, -2):
                count = {"warehouse_id": "main", "delta": delta, "reason": "counted"}
                boss.post("/inventory/stock/poster/adjustments", count)
        else:
            assert boss.ask("DELETE", "/inventory/stock/poster/hot").status_code == 204
        if turn == 1:  # some are given back to the shards they came from
            customer.post(f"/orders/{placed[0]}/cancel")
    shop.settle()
    found = outcomes(shop, placed)
    assert found["cancelled", None] == 1
    assert found["confirmed", None] in (11, 12)  # the cancelled one's unit may come back too late for the last buyer
    assert found["confirmed", None] + found["rejected", "out_of_stock"] == 19
    assert stands(shop, "poster") == (12, found["confirmed", None], 12 - found["confirmed", None])
    assert shop.promises_broken() == []
