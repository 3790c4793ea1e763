"""What is done at the provider. Each step commits its intent, calls, and commits what came of it.

A step that is repeated goes on from where the stream stands. An answer that is lost is asked for before anything is
decided; if that is not answered either, the payment is in doubt, and whoever comes next asks again first.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from common.application.command_handler import CommandHandler
from common.domain.errors import Unavailable
from common.domain.message import Origin
from common.entrypoint.observability import count
from common.infrastructure.resilience import OutcomeUnknown
from payment.commands import (
    AuthorizePayment,
    CapturePayment,
    PaymentCommand,
    RecordDoubt,
    RecordFinding,
    RecordRefund,
    RefundPayment,
    ReleaseHold,
    RequestRefund,
    VoidPayment,
    payment_of,
)
from payment.decider import decide
from payment.errors import RefundRefused
from payment.events import AnyPaymentEvent
from payment.provider import Charge, Found, PaymentProvider, Promise, Share, Standing
from payment.state import Payment, Refund, State

# How a call may end. Whatever else is found means that it has not taken effect, or not yet.
CONFIRMED: frozenset[Standing] = frozenset(("action_required", "authorized", "captured", "cancelled", "declined"))
TAKEN: frozenset[Standing] = frozenset(("captured", "cancelled"))
LET_GO: frozenset[Standing] = frozenset(("captured", "cancelled", "declined"))

Ends = Callable[[Found], bool]

Streams = CommandHandler[PaymentCommand, State, AnyPaymentEvent]


class Payments:
    """Any step may raise ProviderDown or OutcomeUnknown, and may be tried again then."""

    def __init__(self, streams: Streams, provider: PaymentProvider) -> None:
        self._streams = streams
        self._provider = provider

    def authorize(self, command: AuthorizePayment, origin: Origin) -> Payment:
        """Authorized, or the customer must act. Raise PaymentDeclined or PaymentClosed."""
        payment = _begun(self._commit(payment_of(command.order_id), command, origin))
        if payment.stage in ("requested", "action_required"):
            payment = self._record(self._confirm(payment, command.at, origin), command.at, origin)
            decide(command, payment)  # refuses what was declined, or voided meanwhile
        return payment

    def capture(self, command: CapturePayment, origin: Origin) -> Payment:
        """The share is taken. Raise PaymentNotCapturable.

        Another share whose result is not known comes first, for it tells what is left.
        """
        payment = _begun(self._commit(payment_of(command.order_id), command, origin))
        while payment.capturing:
            payment = self._record(self._take(payment, payment.capturing, command.at, origin), command.at, origin)
            if decide(command, payment):  # refuses what was cancelled meanwhile
                payment = _begun(self._commit(payment.payment_id, command, origin))
        return payment

    def void(self, command: VoidPayment, origin: Origin) -> State:
        """Nothing is held, all that was captured is given back, and nothing can begin any more."""
        payment = self._commit(payment_of(command.order_id), command, origin)
        if isinstance(payment, Payment):
            payment = self._finish_void(payment, command.at, origin)
        while isinstance(payment, Payment) and payment.captured != payment.refunded:
            payment = _begun(self._commit(payment.payment_id, command, origin))
            for refund in payment.pending_refunds:
                payment = self._give(payment, refund, command.at, origin)
        return payment

    def release(self, command: ReleaseHold, origin: Origin) -> None:
        """What captures have left is held no more."""
        payment = self._commit(payment_of(command.order_id), command, origin)
        self._finish_void(_begun(payment), command.at, origin)

    def refund(self, command: RefundPayment, origin: Origin) -> Payment:
        """Money is given back. Raise RefundExceedsCaptured or RefundRefused."""
        asked = RequestRefund(**command.model_dump(include={"refund_id", "amount", "reason", "at"}))
        payment = _begun(self._commit(payment_of(command.order_id), asked, origin))
        refund = payment.refunds[command.refund_id]
        return self._give(payment, refund, command.at, origin) if refund.status == "pending" else payment

    def pay_back(self, payment: Payment, refund: Refund, at: datetime, origin: Origin) -> Payment:
        """A refund that was requested is given, or has failed for good."""
        promise = Promise(refund.refund_id, refund.amount, refund.attempt)
        cause = self._provider.refund(payment.payment_id, payment.reference, promise)
        if cause:
            count("RefundsFailed")  # a person must pay it back another way, or ask anew
        command = RecordRefund(refund_id=refund.refund_id, cause=cause, at=at)
        return _begun(self._commit(payment.payment_id, command, origin))

    def _give(self, payment: Payment, refund: Refund, at: datetime, origin: Origin) -> Payment:
        payment = self.pay_back(payment, refund, at, origin)
        if payment.refunds[refund.refund_id].status == "failed":
            raise RefundRefused("The provider has refused to give the money back.")
        return payment

    def _finish_void(self, payment: Payment, at: datetime, origin: Origin) -> Payment:
        if payment.voiding and payment.capturing:  # what is to be let go of depends on whether it was taken
            payment = self._record(self._ask(payment, at, origin), at, origin)
        return self._record(self._let_go(payment, at, origin), at, origin) if payment.voiding else payment

    def _confirm(self, payment: Payment, at: datetime, origin: Origin) -> Found:
        if payment.stage == "action_required":
            return self._provider.find(payment.reference)
        charge = _charge(payment)
        if not payment.reference:
            made = self._provider.create(charge)
            if made.standing != "unconfirmed":
                return made
            payment = replace(payment, reference=made.reference)
        confirm = partial(self._provider.confirm, charge, payment.reference)
        return self._call(payment, confirm, lambda found: found.standing in CONFIRMED, at, origin)

    def _take(self, payment: Payment, share: Share, at: datetime, origin: Origin) -> Found:
        def taken(found: Found) -> bool:
            return found.standing in TAKEN or share.shipment_id in found.shares

        capture = partial(self._provider.capture, payment.payment_id, payment.reference, share)
        return self._call(payment, capture, taken, at, origin)

    def _let_go(self, payment: Payment, at: datetime, origin: Origin) -> Found:
        if not payment.reference:
            made = self._provider.create(_charge(payment))  # what was made before, if it was
            if made.standing == "declined":
                return made
            payment = replace(payment, reference=made.reference)
        let_go = self._provider.release if payment.captured.amount else self._provider.cancel
        call = partial(let_go, payment.payment_id, payment.reference)
        return self._call(payment, call, lambda found: found.standing in LET_GO, at, origin)

    def _call(self, payment: Payment, call: Callable[[], Found], ended: Ends, at: datetime, origin: Origin) -> Found:
        if payment.in_doubt:
            found = self._ask(payment, at, origin)
            if ended(found):
                return found
        try:
            found = call()
        except OutcomeUnknown:
            found = self._ask(payment, at, origin)
        if not ended(found):
            raise OutcomeUnknown(f"The provider has it as {found.standing}, so far.")
        return found

    def _ask(self, payment: Payment, at: datetime, origin: Origin) -> Found:
        try:
            return self._provider.find(payment.reference)
        except Unavailable as error:
            if not payment.in_doubt:
                self._commit(payment.payment_id, RecordDoubt(reference=payment.reference, at=at), origin)
            raise OutcomeUnknown("The provider does not say what came of it.") from error

    def _record(self, found: Found, at: datetime, origin: Origin) -> Payment:
        return _begun(self._commit(found.payment_id, RecordFinding(found=found, at=at), origin))

    def _commit(self, payment_id: str, command: PaymentCommand, origin: Origin) -> State:
        return self._streams.handle(payment_id, command, origin).state


def _begun(payment: State) -> Payment:
    assert isinstance(payment, Payment), "the decider refuses what was never begun"
    return payment


def _charge(payment: Payment) -> Charge:
    asked = payment.requested
    return Charge(asked.payment_id, asked.order_id, asked.amount, asked.payment_method)
