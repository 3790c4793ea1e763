"""The demo's stories: each is one function, told step by step as it happens."""

from collections.abc import Callable
from typing import Final

from local.cli.stage import Stage, StoryFailed, expect, tell

BUYERS, UNITS = 8, 3


def happy_path(stage: Stage) -> None:
    """An order is placed, paid, shipped and delivered."""
    stage.put_on_sale(10)
    mails, delivered = len(stage.mails()), stage.delivered_so_far()
    order_id = stage.place(2)
    stage.expect_status(order_id, "confirmed", "the saga reserved the stock and authorised the money")
    parcel = stage.shop.dispatch(stage.staff, order_id)
    tell(f"staff hands it to {parcel['carrier']}: {parcel['tracking_number']}")
    stage.settle()
    order = stage.expect_status(order_id, "shipped", "the money was captured, the stock taken")
    expect("what was captured is the order's total", stage.payment(order_id)["captured"], order["total"])
    expect("a webhook with a false signature is refused", stage.forged_news(parcel["tracking_number"]), 400)
    answer = stage.shop.carrier_says(parcel["tracking_number"], "delivered")
    expect("the carrier's signed webhook is taken", answer.status_code, 200)
    stage.settle()
    stage.expect_status(order_id, "delivered", "the parcel arrived")
    for subject in stage.mails()[mails:]:
        tell(f"in the mailbox: {subject}")
    expect("analytics counts one delivery more", stage.delivered_so_far(), delivered + 1)
    for entry in stage.customer.get(f"/orders/{order_id}/timeline?limit=100")["items"]:
        tell(f"{entry['at'][11:19]}  {entry['type']:<22} {entry['summary']}")


def declined_card(stage: Stage) -> None:
    """A card is declined: the order is rejected, and the stock comes back."""
    stage.put_on_sale(5)
    order_id = stage.place(2, "pm_card_chargeDeclined")
    order = stage.expect_status(order_id, "rejected", "the bank said no")
    expect("the reason is payment_declined", order["reason"], "payment_declined")
    expect("all five are for sale again", stage.available(), 5)


def sold_out(stage: Stage) -> None:
    """Eight buyers want three things at the same moment."""
    stage.put_on_sale(UNITS)
    buyers = stage.join(BUYERS)
    tell(f"{BUYERS} buyers have registered and confirmed their addresses")
    placed = stage.all_at_once(buyers)
    tell(f"{BUYERS} orders are placed at once")
    stage.settle()
    ends = [stage.order(order_id) for order_id in placed]
    expect(f"exactly {UNITS} are confirmed", [end["status"] for end in ends].count("confirmed"), UNITS)
    lost = [end["reason"] for end in ends if end["status"] == "rejected"]
    expect(f"the other {BUYERS - UNITS} hear that it is out of stock", lost, ["out_of_stock"] * (BUYERS - UNITS))
    expect("none is left", stage.available(), 0)


def customer_must_act(stage: Stage) -> None:
    """The bank wants to see the customer (3-D Secure)."""
    stage.put_on_sale(5)
    order_id = stage.place(1, "pm_card_threeDSecure2Required")
    stage.expect_status(order_id, "awaiting_payment", "the bank asks for the customer")
    url = stage.payment(order_id).get("next_action", {}).get("redirect_url")
    if not url:
        raise StoryFailed("the payment does not say where the customer must go")
    expect("the customer follows the link and confirms", stage.shop.client.get(url).status_code, 200)
    stage.settle()
    stage.expect_status(order_id, "confirmed", "Stripe's signed webhook let the order go on")


def lost_answer(stage: Stage) -> None:
    """The provider captures the money, and its answer is lost."""
    stage.put_on_sale(5)
    order_id = stage.place(1)
    stage.expect_status(order_id, "confirmed", "the money is authorised")
    with stage.fault(service="stripe", operation="capture", kind="timeout_after"):
        tell("the next capture will be done, and time out")
        stage.shop.dispatch(stage.staff, order_id)
        stage.settle()
    order = stage.expect_status(order_id, "shipped", "Stripe was asked what became of it")
    payment = stage.payment(order_id)
    expect("the money was captured once", (payment["status"], payment["captured"]), ("captured", order["total"]))


def a_return(stage: Stage) -> None:
    """Three arrive, and one comes back."""
    stage.put_on_sale(10)
    order_id = stage.place(3)
    parcel = stage.shop.dispatch(stage.staff, order_id)
    stage.settle()
    stage.shop.carrier_says(parcel["tracking_number"], "delivered")
    stage.settle()
    order = stage.expect_status(order_id, "delivered", "the parcel arrived")
    returns = f"/orders/{order_id}/returns"
    asked = stage.customer.post(returns, {"items": [{"sku": stage.sku, "quantity": 1}], "reason": "one too many"})
    tell(f"the customer asks to return one: {asked['status']}")
    one = f"{returns}/{asked['return_id']}"
    expect("staff approve", stage.staff.post(f"{one}/approve")["status"], "approved")
    stage.settle()
    expect("and have it in their hands", stage.staff.post(f"{one}/receive")["status"], "received")
    stage.settle()
    expect("the return is done", stage.customer.get(one)["status"], "completed")
    [line] = order["items"]
    worth = (line["total"]["amount"] - line["discount"]["amount"] + line["tax"]["amount"]) // 3
    expect("its price and tax are paid back", stage.payment(order_id)["refunded"]["amount"], worth)
    expect("eight are for sale", stage.available(), 8)


def a_refund(stage: Stage) -> None:
    """Staff pay a part of the money back, and cannot pay back more than was taken."""
    stage.put_on_sale(5)
    order_id = stage.place(1)
    stage.shop.dispatch(stage.staff, order_id)
    stage.settle()
    payment = stage.payment(order_id)
    path, much = f"/payments/{payment['payment_id']}/refunds", payment["captured"]["amount"] // 3
    for amount, status in ((much, 202), (payment["captured"]["amount"], 409)):
        body = {"amount": {"amount": amount, "currency": "EUR"}, "reason": "goodwill"}
        expect(f"a refund of {amount / 100:.2f} EUR: {status}", stage.staff.ask("POST", path, body).status_code, status)
    stage.settle()
    expect("a third is refunded, once", stage.payment(order_id)["refunded"]["amount"], much)


def two_warehouses(stage: Stage) -> None:
    """Goods lie in two warehouses: an order takes from as few as can be."""
    stage.put_on_sale(3)
    stage.deliver_to("north", 2)
    stage.place(2)
    expect("two come from one warehouse", sorted(stage.reserved().values()), [0, 2])
    order_id = stage.place(3)
    stage.expect_status(order_id, "confirmed", "three are left, in two places")
    expect("they come from both", sum(stage.reserved().values()), 5)
    expect("and none is left", stage.available(), 0)


STORIES: Final[tuple[Callable[[Stage], None], ...]] = (
    happy_path,
    declined_card,
    sold_out,
    customer_must_act,
    lost_answer,
    a_return,
    a_refund,
    two_warehouses,
)
