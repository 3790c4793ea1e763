"""What may be asked of a payment, and what may be learnt about it."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from common.domain.message import Command
from common.domain.money import Money, Positive
from payment.provider import Found


def payment_of(order_id: str) -> str:
    """An order has one payment, and everyone can tell its id."""
    return f"pay_{order_id.removeprefix('ord_')}"


class AuthorizePayment(Command):
    type: Literal["AuthorizePayment"] = "AuthorizePayment"
    order_id: str
    customer_id: str
    amount: Money
    payment_method: str


class CapturePayment(Command):
    type: Literal["CapturePayment"] = "CapturePayment"
    order_id: str


class VoidPayment(Command):
    """Hold nothing, or give all of it back; and never begin."""

    type: Literal["VoidPayment"] = "VoidPayment"
    order_id: str


class RequestRefund(Command):
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


PaymentTask = AuthorizePayment | CapturePayment | VoidPayment
PAYMENT_TASKS: TypeAdapter[PaymentTask] = TypeAdapter(Annotated[PaymentTask, Field(discriminator="type")])
PaymentCommand = PaymentTask | RequestRefund | RecordFinding | RecordDoubt | RecordRefund
