"""The mails: what each fact reads like. Rendered when they are sent; money as its currency writes it."""

from collections.abc import Callable, Mapping
from html import escape
from string import Template
from typing import Any, Final, NamedTuple

from common.domain.money import Money

LAYOUT: Final = Template("""\
<!doctype html>
<html lang="en"><body style="margin:0;background:#f4f4f2;font-family:system-ui,sans-serif;color:#222">
<div style="max-width:34rem;margin:2rem auto;padding:2rem;background:#fff;border-radius:8px">
<h1 style="font-size:1.25rem;margin-top:0">$subject</h1>
$paragraphs
<p style="color:#777;font-size:.85rem;margin-bottom:0">You get this mail because you are a customer of ours.</p>
</div></body></html>
""")
REASONS: Final = {
    "out_of_stock": "something in it has just sold out",
    "payment_declined": "your bank declined the payment",
    "payment_timeout": "the payment was not completed in time",
}

Facts = Mapping[str, Any]


class Mail(NamedTuple):
    template: str
    subject: str
    text: str

    @property
    def html(self) -> str:
        paragraphs = (f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in self.text.split("\n\n"))
        return LAYOUT.substitute(subject=escape(self.subject), paragraphs="\n".join(paragraphs))


class Sealed(NamedTuple):
    """A mail that carries a token: what the token is good for, and where it is taken to."""

    purpose: str
    template: str
    subject: str
    opening: str
    path: str


SEALED: Final = {
    "ConfirmationRequested": Sealed(
        "confirm",
        "confirm_address",
        "Please confirm your address",
        "Welcome! Confirm that this address is yours, and your account is ready.",
        "/identity/confirm",
    ),
    "PasswordResetRequested": Sealed(
        "reset",
        "reset_password",
        "Reset your password",
        "Somebody, probably you, wants a new password for your account. If it was not you, do nothing.",
        "/identity/password/reset",
    ),
}


def sealed(kind: str, name: str, token: str, issuer: str) -> Mail:
    about = SEALED[kind]
    link = f"{issuer}{about.path}?token={token}"
    text = f"Hello {name},\n\n{about.opening}\n\nYour token: {token}\n\n{link}"
    return Mail(about.template, about.subject, text)


def told(kind: str, name: str, facts: Facts) -> Mail:
    """A fact of an order or a payment, in words."""
    template, subject, body = TOLD[kind]
    return Mail(template, subject, f"Hello {name},\n\n{body(facts)}")


def _confirmed(facts: Facts) -> str:
    lines = "\n".join(f"{item['quantity']} x {item['name']}   {_money(item['total'])}" for item in facts["items"])
    sums = f"Shipping {_money(facts['shipping'])}, tax {_money(facts['tax'])}\nTotal {_money(facts['total'])}"
    return f"Thank you! Your order {facts['order_id']} is confirmed.\n\n{lines}\n\n{sums}"


def _rejected(facts: Facts) -> str:
    why = REASONS.get(facts["reason"], "something went wrong on our side")
    return f"We are sorry: your order {facts['order_id']} could not be taken, because {why}. You have paid nothing."


def _shipped(facts: Facts) -> str:
    parcel = f"{facts['carrier']}, tracking number {facts['tracking_number']}"
    return f"Your order {facts['order_id']} is on its way with {parcel}."


def _delivered(facts: Facts) -> str:
    return f"Your order {facts['order_id']} has been delivered. Enjoy it!"


def _cancelled(facts: Facts) -> str:
    return f"Your order {facts['order_id']} is cancelled. What you paid goes back to you."


def _refunded(facts: Facts) -> str:
    return f"We have paid {_money(facts['amount'])} of your order {facts['order_id']} back to you."


TOLD: Final[dict[str, tuple[str, str, Callable[[Facts], str]]]] = {
    "OrderConfirmed": ("order_confirmed", "Your order is confirmed", _confirmed),
    "OrderRejected": ("order_rejected", "Your order could not be taken", _rejected),
    "OrderShipped": ("order_shipped", "Your order is on its way", _shipped),
    "OrderDelivered": ("order_delivered", "Your order has been delivered", _delivered),
    "OrderCancelled": ("order_cancelled", "Your order is cancelled", _cancelled),
    "PaymentRefunded": ("payment_refunded", "Your refund", _refunded),
}


def _money(amount: Mapping[str, Any]) -> str:
    return Money.model_validate(amount).text
