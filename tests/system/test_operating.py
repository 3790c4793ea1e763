"""Promise 14: what cannot go on waits for a person, who has it go on, undoes it or closes it: `./commerce orders`."""

import pytest

from local.cli import orders, output
from local.cli.desk import Desk
from local.cli.output import Problem


@pytest.fixture(autouse=True)
def promises(shop):
    yield
    shop.settle()
    assert shop.promises_broken() == []


@pytest.fixture
def people(shop, staff, ada):
    """Signed in anew: the test before may have taken longer than a token lives."""
    return shop.sign_in("admin@commerce.example"), shop.sign_in("ada@customer.example")


@pytest.fixture
def desk(shop):
    return lambda: Desk(shop.client, shop.sign_in("admin@commerce.example").token)


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr(output, "say", lines.append)
    return lines


@pytest.fixture
def dispatched(shop, people):
    """An order whose parcel has just been handed over; its id, and the tracking number."""

    def dispatched(sku):
        staff, ada = people
        shop.stock(staff, sku, 10)
        shop.settle()
        order_id = ada.order(sku, 2)["order_id"]
        shop.settle()
        return order_id, shop.dispatch(staff, order_id)["tracking_number"]

    return dispatched


def seen(shop, order_id):
    return shop.sign_in("ada@customer.example").get(f"/orders/{order_id}")


def test_what_the_bank_does_not_answer_for_long_is_parked_found_and_retried(platform, shop, dispatched, desk, said):
    platform.seam.faults.add("error", service="stripe", operation="capture", times=1_000_000)
    order_id, _ = dispatched("mug")
    for _ in range(25):
        platform.advance(120)
        shop.settle()
    order = seen(shop, order_id)
    assert (order["status"], order["reason"]) == ("needs_attention", "fulfil_order_stuck")
    orders.ls(desk(), "needs_attention")
    assert order_id in said[0]
    assert "started again and again" in said[1]
    with pytest.raises(Problem, match="money_is_held"):
        orders.act(desk(), "close", order_id, "let it be")

    platform.seam.faults.clear()
    orders.act(desk(), "retry", order_id, "the bank is back")
    shop.settle()
    platform.advance(300)
    shop.settle()
    order = seen(shop, order_id)
    assert (order["status"], order["payment"]["status"], order.get("reason")) == ("shipped", "captured", None)
    said.clear()
    orders.ls(desk(), "needs_attention")
    assert said == ["No order needs attention."]
    entries = shop.sign_in("admin@commerce.example").get(f"/orders/{order_id}/timeline?limit=100")["items"]
    [retried] = [entry for entry in entries if entry["type"] == "OrderRetried"]
    assert retried["data"]["reason"] == "the bank is back"
    assert retried["actor"].startswith("cus_")


def test_of_a_parcel_that_comes_back_the_money_goes_back(shop, dispatched, desk, said):
    order_id, tracking_number = dispatched("cup")
    shop.settle()
    assert shop.carrier_says(tracking_number, "return_to_sender").status_code == 200
    shop.settle()
    order = seen(shop, order_id)
    assert (order["status"], order["reason"]) == ("needs_attention", "shipment_returned")
    with pytest.raises(Problem, match="nothing_to_retry"):
        orders.act(desk(), "retry", order_id, "try again")
    orders.act(desk(), "compensate", order_id, "it came back")
    assert "needs_attention -> cancelling" in said[-1]
    shop.settle()
    order = seen(shop, order_id)
    assert (order["status"], order["payment"]["status"]) == ("cancelled", "refunded")
    assert shop.sign_in("admin@commerce.example").get("/inventory/stock/cup")["on_hand"] == 8  # until it is counted


def test_of_a_parcel_that_is_lost_a_person_may_decide_otherwise(shop, dispatched, desk, said):
    order_id, tracking_number = dispatched("bowl")
    shop.settle()
    shop.carrier_says(tracking_number, "failure")
    shop.settle()
    assert seen(shop, order_id)["status"] == "needs_attention"
    orders.act(desk(), "close", order_id, "another one was sent")
    assert seen(shop, order_id)["status"] == "shipped"
    shop.carrier_says(tracking_number, "delivered", event_id="evt_found")
    shop.settle()
    assert shop.promises_broken() == []


def test_a_cancellation_that_cannot_be_finished_is_finished_later(platform, shop, people, desk, said):
    staff, ada = people
    shop.stock(staff, "plate", 10)
    shop.settle()
    order_id = ada.order("plate")["order_id"]
    shop.settle()
    platform.seam.faults.add("error", service="stripe", operation="void", times=1_000_000)
    ada.post(f"/orders/{order_id}/cancel", {})
    for _ in range(25):
        platform.advance(120)
        shop.settle()
    assert (seen(shop, order_id)["status"], seen(shop, order_id)["reason"]) == (
        "needs_attention",
        "cancel_order_stuck",
    )
    platform.seam.faults.clear()
    orders.act(desk(), "compensate", order_id, "the bank is back")
    shop.settle()
    platform.advance(300)
    shop.settle()
    assert seen(shop, order_id)["status"] == "cancelled"
    assert shop.sign_in("admin@commerce.example").get("/inventory/stock/plate")["available"] == 10


def test_nobody_else_operates(shop, people, desk):
    _, ada = people
    with pytest.raises(Problem, match="forbidden"):
        orders.act(Desk(shop.client, ada.token), "retry", ada.order("mug")["order_id"], "please")
    with pytest.raises(Problem, match="not_found"):
        orders.act(desk(), "retry", "ord_none", "please")
