"""What may be asked of a payment, and what may be learnt about it."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.domain.message import Command
from common.domain.money import Money, Positive
from payment.provider import Found, FoundDispute, Given


def payment_of(order_id: str) -> str:
    """An order has one payment, and everyone can tell its id."""
    return f"pay_{order_id.removeprefix('ord_')}"


def order_of(payment_id: str) -> str:
    return f"ord_{payment_id.removeprefix('pay_')}"


class AuthorizePayment(Command):
    type: Literal["AuthorizePayment"] = "AuthorizePayment"
    order_id: str
    customer_id: str
    amount: Money
    payment_method: str


class CapturePayment(Command):
    """Take the share of a shipment, or all that is held.

    `final` says that no other share will be asked for. Shares may be asked for in any order, though, so what a
    shipment's share leaves is kept for the others, until nothing is left or the order has shipped.
    """

    type: Literal["CapturePayment"] = "CapturePayment"
    order_id: str
    shipment_id: str | None = None
    amount: Money | None = None
    final: bool = True


class VoidPayment(Command):
    """Hold nothing, or give all of it back; and never begin."""

    type: Literal["VoidPayment"] = "VoidPayment"
    order_id: str


class ReleaseHold(Command):
    """All parcels have left: what their shares did not take is held for nothing."""

    order_id: str


class RequestRefund(Command):
    refund_id: str
    amount: Positive
    reason: str


class RefundPayment(Command):
    """Give that much back, once per `refund_id`."""

    type: Literal["RefundPayment"] = "RefundPayment"
    order_id: str
    refund_id: str
    amount: Positive
    reason: str


class RecordFinding(Command):
    """The provider has been asked, and this is how it stands there."""

    found: Found
    told_by_provider: bool = False  # and not asked by a step of the saga, which goes on by itself


class RecordDoubt(Command):
    """The provider has been asked, and did not say."""

    reference: str


class RecordRefund(Command):
    refund_id: str
    cause: str | None = None  # why it failed


class RecordRefunds(Command):
    """The provider has been asked, and these are all that it knows of."""

    given: tuple[Given, ...]


class RecordDispute(Command):
    found: FoundDispute


PaymentTask = AuthorizePayment | CapturePayment | VoidPayment | RefundPayment
PAYMENT_TASKS: TypeAdapter[PaymentTask] = TypeAdapter(Annotated[PaymentTask, Field(discriminator="type")])
PaymentCommand = (
    AuthorizePayment
    | CapturePayment
    | VoidPayment
    | ReleaseHold
    | RequestRefund
    | RecordFinding
    | RecordDoubt
    | RecordRefund
    | RecordRefunds
    | RecordDispute
)
