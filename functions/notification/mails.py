"""The mails: what each fact reads like. Others' events are read for what a mail needs, and no more."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from common.domain.money import Money
from notification.layout import Bill, Block, Code, Link, as_html, as_text

REASONS: Final = {
    "out_of_stock": "something in it has just sold out",
    "payment_declined": "your bank declined the payment",
    "payment_timeout": "the payment was not completed in time",
    "price_changed": "a price has changed meanwhile",
}


class Mail(NamedTuple):
    template: str
    subject: str
    blocks: tuple[Block, ...]

    def to(self, name: str) -> "Mail":
        return self._replace(blocks=(f"Hello {name},", *self.blocks))

    @property
    def text(self) -> str:
        return as_text(self.blocks)

    @property
    def html(self) -> str:
        return as_html(self.subject, self.blocks)


class AboutOrder(BaseModel):
    order_id: str


class Item(BaseModel):
    name: str
    quantity: int
    total: Money


class Bought(AboutOrder):
    items: list[Item]
    discount: Money
    shipping: Money
    tax: Money
    total: Money


class Rejection(AboutOrder):
    reason: str


class Parcel(AboutOrder):
    carrier: str
    tracking_number: str


class Refund(AboutOrder):
    amount: Money


Facts = Mapping[str, Any]


def _confirmed(facts: Facts) -> Mail:
    order = Bought.model_validate(facts)
    lines = [(f"{item.quantity} x {item.name}", item.total.text) for item in order.items]
    if order.discount.amount:
        lines.append(("Discount", (-order.discount).text))
    lines += [("Shipping", order.shipping.text), ("Tax", order.tax.text), ("Total", order.total.text)]
    thanks = f"Thank you! Your order {order.order_id} is confirmed. We write again when it leaves."
    return Mail("order_confirmed", "Your order is confirmed", (thanks, Bill(tuple(lines))))


def _rejected(facts: Facts) -> Mail:
    order = Rejection.model_validate(facts)
    why = REASONS.get(order.reason, "something went wrong on our side")
    sorry = f"We are sorry: your order {order.order_id} could not be taken, because {why}."
    return Mail("order_rejected", "Your order could not be taken", (sorry, "You have paid nothing."))


def _shipped(facts: Facts) -> Mail:
    parcel = Parcel.model_validate(facts)
    said = f"Your order {parcel.order_id} is on its way with {parcel.carrier}."
    return Mail("order_shipped", "Your order is on its way", (said, Code("Tracking number", parcel.tracking_number)))


def _delivered(facts: Facts) -> Mail:
    said = f"Your order {AboutOrder.model_validate(facts).order_id} has been delivered. Enjoy it!"
    return Mail("order_delivered", "Your order has been delivered", (said,))


def _cancelled(facts: Facts) -> Mail:
    said = f"Your order {AboutOrder.model_validate(facts).order_id} is cancelled. What you have paid goes back to you."
    return Mail("order_cancelled", "Your order is cancelled", (said,))


def _refunded(facts: Facts) -> Mail:
    refund = Refund.model_validate(facts)
    said = f"We have paid back {refund.amount.text} for your order {refund.order_id}."
    return Mail("order_refunded", "Your refund", (said, "It may take your bank a few days to show it."))


TOLD: Final[dict[str, Callable[[Facts], Mail]]] = {
    "OrderConfirmed": _confirmed,
    "OrderRejected": _rejected,
    "OrderShipped": _shipped,
    "OrderDelivered": _delivered,
    "OrderCancelled": _cancelled,
    "PaymentRefunded": _refunded,
}


class Sealed(NamedTuple):
    """A mail that carries a token: what the token is good for, and where it is taken to."""

    purpose: str
    template: str
    subject: str
    opening: str
    action: str
    path: str

    def mail(self, token: str, issuer: str) -> Mail:
        """The link has the token behind `#`, so that it reaches no server's log."""
        link = Link(self.action, f"{issuer}{self.path}#token={token}")
        return Mail(self.template, self.subject, (self.opening, link, Code("Your token", token)))


SEALED: Final = {
    "ConfirmationRequested": Sealed(
        purpose="confirm",
        template="confirm_address",
        subject="Please confirm your address",
        opening="Welcome! Confirm that this address is yours, and your account is ready. If it was not you who "
        "registered, do nothing.",
        action="Confirm my address",
        path="/identity/confirm",
    ),
    "PasswordResetRequested": Sealed(
        purpose="reset",
        template="reset_password",
        subject="Reset your password",
        opening="Somebody, probably you, wants a new password for your account. If it was not you, do nothing.",
        action="Choose a new password",
        path="/identity/password/reset",
    ),
}
