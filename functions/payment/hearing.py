"""What payment makes of its own events: the ledger, and the refunds that were promised."""

from pydantic import TypeAdapter

from common.domain.ledger import Posting
from common.domain.message import Message
from payment import bootstrap
from payment.state import Payment

POSTINGS: TypeAdapter[list[Posting]] = TypeAdapter(list[Posting])


def post(message: Message) -> None:
    """Each event's postings count once: the sums and the mark are one transaction."""
    if postings := POSTINGS.validate_python(message.data["postings"]):
        mark = bootstrap.ledger_inbox().mark(message)
        bootstrap.rows().commit([mark, bootstrap.ledger().post(message.subject, postings)])


def pay_back(message: Message) -> None:
    """A promised refund is given, or has failed for good. Heard twice, it is the same refund to the provider."""
    payment = bootstrap.streams().state(message.subject)
    assert isinstance(payment, Payment), "what was refunded was captured"
    refund = payment.refunds[message.data["refund_id"]]
    if refund.status == "pending":
        because = message.because("payment.refunds")
        bootstrap.payments().pay_back(payment, refund, message.time, because)
