"""What payment makes of its own events and of what became of orders: the books, and what is owed to customers."""

from collections.abc import Sequence

from common.domain.message import Message
from payment import bootstrap
from payment.commands import ReleaseHold
from payment.state import Payment


def keep_books(messages: Sequence[Message]) -> None:
    """Each event's postings count once: its journal entry and the sums are one transaction."""
    bootstrap.orders_seen().see(message for message in messages if message.source == "order")
    bootstrap.ledger().post(message for message in messages if message.data.get("postings"))


def settle(message: Message) -> None:
    """Give what was promised, let go of what nobody needs. Heard twice, it is the same call to the provider."""
    because = message.because("payment.settlements")
    if message.source == "order":
        command = ReleaseHold(order_id=message.data["order_id"], at=message.time)
        bootstrap.payments().release(command, because)
        return
    payment = bootstrap.streams().state(message.subject)
    assert isinstance(payment, Payment), "what was refunded was captured"
    refund = payment.refunds[message.data["refund_id"]]
    if refund.status == "pending":
        bootstrap.payments().pay_back(payment, refund, message.time, because)
