"""What customers read."""

import pytest

from notification.mails import SEALED, TOLD

ORDER = {"order_id": "ord_1", "customer_id": "cus_ada"}


def euro(cents):
    return {"amount": cents, "currency": "EUR"}


BOUGHT = ORDER | {
    "items": [
        {"sku": "mug", "name": "Mug <big>", "quantity": 2, "unit_price": euro(750), "total": euro(1500)},
        {"sku": "pot", "name": "Pot", "quantity": 1, "unit_price": euro(12000), "total": euro(12000)},
    ],
    "subtotal": euro(13500),
    "discount": euro(0),
    "shipping": euro(490),
    "tax": euro(2658),
    "total": euro(16648),
    "shipping_address": {},
    "payment_id": "pay_1",
}


@pytest.mark.parametrize(
    ("fact", "facts", "template", "subject", "said"),
    [
        ("OrderConfirmed", BOUGHT, "order_confirmed", "Your order is confirmed", "ord_1 is confirmed"),
        (
            "OrderRejected",
            ORDER | {"reason": "payment_declined", "total": euro(1)},
            "order_rejected",
            "Your order could not be taken",
            "because your bank declined the payment",
        ),
        (
            "OrderRejected",
            ORDER | {"reason": "something_new"},
            "order_rejected",
            "Your order could not be taken",
            "because something went wrong on our side",
        ),
        (
            "OrderShipped",
            ORDER | {"shipment_id": "shp_1", "carrier": "UPS", "tracking_number": "EZ1000000001"},
            "order_shipped",
            "Your order is on its way",
            "Tracking number: EZ1000000001",
        ),
        ("OrderDelivered", ORDER, "order_delivered", "Your order has been delivered", "ord_1 has been delivered"),
        ("OrderCancelled", ORDER | {"reason": None}, "order_cancelled", "Your order is cancelled", "goes back to you"),
        (
            "PaymentRefunded",
            ORDER | {"payment_id": "pay_1", "refund_id": "ref_1", "amount": euro(1999), "postings": []},
            "order_refunded",
            "Your refund",
            "paid back 19.99 EUR for your order ord_1",
        ),
    ],
)
def test_a_fact_reads_like_this(fact, facts, template, subject, said):
    mail = TOLD[fact](facts).to("Ada")
    assert (mail.template, mail.subject) == (template, subject)
    assert mail.text.startswith("Hello Ada,\n\n")
    assert said in mail.text
    assert subject in mail.html


def test_the_bill_adds_up_in_columns():
    text = TOLD["OrderConfirmed"](BOUGHT).text
    assert (
        "2 x Mug <big>    15.00 EUR\n"
        "1 x Pot         120.00 EUR\n"
        "Shipping          4.90 EUR\n"
        "Tax              26.58 EUR\n"
        "--------------------------\n"
        "Total           166.48 EUR\n"
    ) in text


def test_a_discount_is_shown_where_there_is_one():
    assert "Discount         -5.00 EUR" in TOLD["OrderConfirmed"](BOUGHT | {"discount": euro(500)}).text


def test_what_others_wrote_is_text_and_never_markup():
    mail = TOLD["OrderConfirmed"](BOUGHT).to('<img src="x">')
    assert "Mug &lt;big&gt;" in mail.html
    assert "<img" not in mail.html
    assert "$" not in mail.html


@pytest.mark.parametrize("fact", SEALED)
def test_a_token_stands_on_a_line_of_its_own_and_behind_the_hash_of_a_link(fact):
    mail = SEALED[fact].mail("t1.mac", "https://shop.example").to("Ada")
    assert "\n\nYour token: t1.mac\n\n" in mail.text
    assert f"https://shop.example{SEALED[fact].path}#token=t1.mac\n" in mail.text
    assert 'href="https://shop.example' in mail.html
