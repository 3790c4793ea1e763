"""Goods come back: in parts, fewer than promised, twice at once, and while the provider does not answer."""

import pytest

from local.shop import Refused, euro


@pytest.fixture(autouse=True)
def promises(shop):
    yield
    shop.settle()
    assert shop.promises_broken() == []


@pytest.fixture
def people(shop, staff, ada):
    """Signed in anew: the story before may have outlived the tokens."""
    return shop.sign_in("admin@commerce.example"), shop.sign_in("ada@customer.example")


@pytest.fixture
def delivered(shop, people):
    """An order that has arrived: `delivered(sku=quantity, …)`, at 7.50 each and 19 per cent of tax."""

    def order(payment_method="pm_card_visa", **lines):
        staff, ada = people
        for sku in lines:
            if staff.ask("GET", f"/inventory/stock/{sku}").status_code == 404:
                shop.stock(staff, sku, 30)
        shop.settle()
        items = [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()]
        order_id = ada.order("", payment_method=payment_method, items=items)["order_id"]
        shop.settle()
        parcel = shop.dispatch(staff, order_id)
        shop.settle()
        shop.carrier_says(parcel["tracking_number"], "delivered")
        shop.settle()
        assert ada.get(f"/orders/{order_id}")["status"] == "delivered"
        return f"/orders/{order_id}"

    return order


def back(**lines):
    return {"items": [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()], "reason": "too big"}


def refused(asked):
    with pytest.raises(Refused) as refusal:
        asked()
    return refusal.value.status, refusal.value.code


def test_a_return_is_approved_received_refunded_and_restocked(shop, people, delivered):
    staff, ada = people
    order = delivered(hat=2, coat=1)
    asked = ada.post(f"{order}/returns", back(hat=1))
    assert (asked["status"], asked["items"]) == ("requested", [{"sku": "hat", "quantity": 1}])
    one = f"{order}/returns/{asked['return_id']}"
    shop.settle()
    assert staff.post(f"{one}/approve")["status"] == "approved"
    shop.settle()
    assert ada.get(one)["status"] == "approved"
    received = staff.post(f"{one}/receive")
    assert (received["status"], received["refund"]) == ("received", euro(892))  # 7.50 and its 19 per cent
    shop.settle()
    assert ada.get(one)["status"] == "completed"

    now = ada.get(order)
    assert (now["status"], [found["status"] for found in now["returns"]]) == ("delivered", ["completed"])
    [payment] = ada.get(f"/payments?order_id={now['order_id']}")["items"]
    assert (payment["status"], payment["refunded"]) == ("partially_refunded", euro(892))
    assert staff.get("/inventory/stock/hat")["on_hand"] == 29
    types = [entry["type"] for entry in ada.get(f"{order}/timeline?limit=100")["items"]]
    told = {
        "ReturnRequested",
        "ReturnApproved",
        "ReturnReceived",
        "PaymentRefunded",
        "StockReturned",
        "ReturnCompleted",
    }
    assert told <= set(types)


def test_an_order_whose_every_piece_came_back_is_returned_and_its_goods_are_paid_back_to_the_cent(
    shop, people, delivered
):
    staff, ada = people
    order = delivered(scarf=3)
    for quantity in (1, 2):
        asked = ada.post(f"{order}/returns", back(scarf=quantity))
        one = f"{order}/returns/{asked['return_id']}"
        staff.post(f"{one}/approve")
        staff.post(f"{one}/receive")  # before the saga has come to wait for anything
        shop.settle()
    now = ada.get(order)
    assert now["status"] == "returned"
    [payment] = ada.get(f"/payments?order_id={now['order_id']}")["items"]
    line = now["items"][0]
    assert payment["refunded"]["amount"] == line["total"]["amount"] - line["discount"]["amount"] + line["tax"]["amount"]
    assert staff.get("/inventory/stock/scarf")["available"] == 30
    assert refused(lambda: ada.post(f"{order}/returns", back(scarf=1))) == (422, "more_than_bought")
    assert [found["order_id"] for found in ada.get("/orders?status=returned")["items"]] == [now["order_id"]]


def test_fewer_than_promised_are_refunded_and_the_rest_may_still_come(shop, people, delivered):
    staff, ada = people
    order = delivered(sock=4)
    one = f"{order}/returns/{ada.post(f'{order}/returns', back(sock=3))['return_id']}"
    staff.post(f"{one}/approve")
    assert refused(lambda: staff.post(f"{one}/receive", {"items": [{"sku": "sock", "quantity": 4}]})) == (
        422,
        "more_than_promised",
    )
    staff.post(f"{one}/receive", {"items": [{"sku": "sock", "quantity": 1}]})
    shop.settle()
    assert ada.get(one)["received"] == [{"sku": "sock", "quantity": 1}]
    assert staff.get("/inventory/stock/sock")["on_hand"] == 27
    assert ada.post(f"{order}/returns", back(sock=3))["status"] == "requested"


def test_an_empty_parcel_refunds_nothing(shop, people, delivered):
    staff, ada = people
    order = delivered(belt=1)
    one = f"{order}/returns/{ada.post(f'{order}/returns', back(belt=1))['return_id']}"
    staff.post(f"{one}/approve")
    assert staff.post(f"{one}/receive", {"items": []})["refund"] == euro(0)
    shop.settle()
    assert (ada.get(one)["status"], ada.get(order)["status"]) == ("completed", "delivered")


def test_a_rejected_return_is_over_and_its_goods_may_be_returned_again(shop, people, delivered):
    staff, ada = people
    order = delivered(glove=2)
    one = f"{order}/returns/{ada.post(f'{order}/returns', back(glove=2))['return_id']}"
    shop.settle()
    assert refused(lambda: ada.post(f"{order}/returns", back(glove=1))) == (422, "more_than_bought")
    staff.post(f"{one}/reject")
    shop.settle()
    assert ada.get(one)["status"] == "rejected"
    assert refused(lambda: staff.post(f"{one}/approve")) == (409, "return_not_open")
    assert refused(lambda: staff.post(f"{one}/receive")) == (409, "return_not_open")
    assert ada.post(f"{order}/returns", back(glove=1))["status"] == "requested"


def test_a_refund_whose_answer_is_lost_is_given_once(platform, shop, people, delivered):
    staff, ada = people
    order = delivered(cap=1)
    one = f"{order}/returns/{ada.post(f'{order}/returns', back(cap=1))['return_id']}"
    staff.post(f"{one}/approve")
    platform.seam.faults.add("timeout_after", service="stripe", operation="refund", times=2)
    staff.post(f"{one}/receive")
    shop.settle()
    assert ada.get(order)["status"] == "returned"
    order_id = order.removeprefix("/orders/")
    assert [done.kind for done in platform.stripe.effects(order_id)] == ["authorize", "capture", "refund"]


def test_a_refund_that_the_bank_refuses_waits_for_a_person_and_is_tried_again(platform, shop, people, delivered):
    staff, ada = people
    order = delivered(cap=1)
    one = f"{order}/returns/{ada.post(f'{order}/returns', back(cap=1))['return_id']}"
    staff.post(f"{one}/approve")
    platform.stripe.fail("refund", "decline", times=5)  # to the saga, and to who settles what it may have left undone
    staff.post(f"{one}/receive")
    shop.settle()
    assert (ada.get(order)["status"], ada.get(one)["status"]) == ("needs_attention", "received")
    platform.stripe.clear_faults()
    staff.post(f"{order}/retry", {"reason": "the bank has been called"})
    shop.settle()
    assert (ada.get(order)["status"], ada.get(one)["status"]) == ("returned", "completed")
    assert shop.promises_broken() == []


def test_two_executions_for_one_return_do_its_work_once(platform, shop, people, delivered):
    staff, ada = people
    order = delivered(tie=2)
    platform.seam.faults.add("duplicate", service="stepfunctions", operation="StartExecution")
    one = f"{order}/returns/{ada.post(f'{order}/returns', back(tie=1))['return_id']}"
    shop.settle()
    staff.post(f"{one}/approve")
    shop.settle()
    staff.post(f"{one}/receive")
    shop.settle()
    assert ada.get(one)["status"] == "completed"
    assert staff.get("/inventory/stock/tie")["on_hand"] == 29
    waiting = [run for run in platform.executions if run.machine == "commerce-return-order" and run.status == "RUNNING"]
    assert not [run for run in waiting if one.rpartition("/")[2] in str(run.input)]


def test_a_saga_that_never_started_is_started_when_the_goods_have_come(platform, shop, people, delivered):
    staff, ada = people
    order = delivered(bag=1)
    platform.seam.faults.add("error", service="stepfunctions", operation="StartExecution", times=20)
    one = f"{order}/returns/{ada.post(f'{order}/returns', back(bag=1))['return_id']}"
    staff.post(f"{one}/approve")
    staff.post(f"{one}/receive")
    platform.advance(30)
    platform.seam.faults.clear()
    platform.advance(600)
    shop.settle()
    assert shop.sign_in("ada@customer.example").get(one)["status"] == "completed"


def test_a_repeated_request_is_one_return(shop, people, delivered):
    _, ada = people
    order = delivered(shoe=2)
    answers = [ada.ask("POST", f"{order}/returns", back(shoe=1), idempotency_key="once") for _ in range(3)]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true", "true"]
    assert len(ada.get(order)["returns"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (back(mitten=0), 422, "items.0.quantity"),
        (back(mitten=3), 422, "items.0.quantity"),
        (back(other=1), 422, "items.0.quantity"),
        ({**back(mitten=1), "items": []}, 422, "items"),
        ({**back(mitten=1), "items": back(mitten=1)["items"] * 2}, 422, "items"),
        ({**back(mitten=1), "refund": euro(10_000)}, 422, "refund"),
        ({"items": back(mitten=1)["items"]}, 422, "reason"),
        ({**back(mitten=1), "reason": "my card 4242424242424242"}, 422, "reason"),
    ],
    ids=["none", "too many", "not in the order", "empty", "twice", "an extra field", "no reason", "a card"],
)
def test_a_bad_request_names_its_field_and_changes_nothing(shop, people, delivered, body, status, field):
    _, ada = people
    order = delivered(mitten=2)
    answer = ada.ask("POST", f"{order}/returns", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    assert ada.get(order)["returns"] == []


def test_others_see_nothing_and_customers_decide_nothing(shop, people, delivered):
    _, ada = people
    order = delivered(vest=1)
    one = f"{order}/returns/{ada.post(f'{order}/returns', back(vest=1))['return_id']}"
    bob = shop.join("bob@customer.example", "Bob")
    assert refused(lambda: bob.get(one))[0] == 404
    assert refused(lambda: bob.post(f"{order}/returns", back(vest=1)))[0] == 404
    assert refused(lambda: ada.get(f"{order}/returns/ret_none"))[0] == 404
    for step in ("approve", "reject", "receive"):
        assert refused(lambda step=step: ada.post(f"{one}/{step}"))[0] == 403
    assert ada.get(one)["status"] == "requested"


def test_goods_that_have_not_arrived_cannot_come_back(shop, people):
    staff, ada = people
    shop.stock(staff, "boot", 3)
    shop.settle()
    order = f"/orders/{ada.order('boot')['order_id']}"
    shop.settle()
    assert refused(lambda: ada.post(f"{order}/returns", back(boot=1))) == (409, "not_returnable")
