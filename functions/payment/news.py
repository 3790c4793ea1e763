"""What the provider tells unasked: it is asked how things stand, unless what it tells would be no news.

News may be late, come twice, overtake our own steps, or be about something that is none of ours.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from common.application.ports import Write
from common.domain.errors import NotFound
from common.domain.message import Origin
from common.entrypoint.observability import count
from payment.commands import PaymentCommand, RecordDispute, RecordFinding, RecordRefunds
from payment.decider import decide
from payment.events import AnyPaymentEvent, DisputeOpened, PaymentVoided, RefundFailed
from payment.payments import Streams
from payment.provider import Found, PaymentProvider
from payment.state import Payment


class Told(NamedTuple):
    """Who tells, when, and what is written with what comes of it: the mark that it was heard."""

    at: datetime
    origin: Origin
    also: Sequence[Write]


class News:
    """Each may raise ProviderDown or OutcomeUnknown, and is to be told again then."""

    def __init__(self, streams: Streams, provider: PaymentProvider) -> None:
        self._streams = streams
        self._provider = provider

    def of_payment(self, reference: str, hint: Found | None, told: Told) -> None:
        """`hint` is how it stood when the news was made."""
        if hint and not self._is_news(hint, told.at):
            return
        if found := self._find(reference):
            events = self._record(found.payment_id, RecordFinding(found=found, told_by_provider=True, at=told.at), told)
            if any(isinstance(event, PaymentVoided) and event.lapsed for event in events):
                count("HoldsLapsed")

    def of_refunds(self, reference: str, hint: tuple[str, int] | None, told: Told) -> None:
        """Something was given back, or came back. `hint`: of which payment, and how much by then."""
        if hint and self._was_given(*hint):
            return
        if found := self._find(reference):
            given = tuple(self._provider.refunds(reference))
            events = self._record(found.payment_id, RecordRefunds(given=given, at=told.at), told)
            if any(isinstance(event, RefundFailed) for event in events):
                count("RefundsFailed")

    def of_dispute(self, dispute_id: str, told: Told) -> None:
        with suppress(NotFound):
            dispute = self._provider.dispute(dispute_id)
            if found := self._find(dispute.reference):
                events = self._record(found.payment_id, RecordDispute(found=dispute, at=told.at), told)
                if any(isinstance(event, DisputeOpened) for event in events):
                    count("DisputesOpened")

    def _find(self, reference: str) -> Found | None:
        with suppress(NotFound):
            found = self._provider.find(reference)
            return found if found.payment_id else None
        return None

    def _record(self, payment_id: str, command: PaymentCommand, told: Told) -> Sequence[AnyPaymentEvent]:
        with suppress(NotFound):
            return self._streams.handle(payment_id, command, told.origin, also=told.also).events
        return ()

    def _was_given(self, payment_id: str, amount: int) -> bool:
        payment = self._streams.state(payment_id)
        return isinstance(payment, Payment) and payment.refunded.amount == amount

    def _is_news(self, hint: Found, at: datetime) -> bool:
        payment = self._streams.state(hint.payment_id) if hint.payment_id else None
        told = RecordFinding(found=hint, told_by_provider=True, at=at)
        return isinstance(payment, Payment) and bool(decide(told, payment))
