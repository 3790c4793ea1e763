"""Lambda's entry points of the payment domain: translate, hand over, answer. No rules here."""

from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, TypeVar

from aws_lambda_powertools.event_handler import Depends, Request, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel, ConfigDict

from common.domain.errors import AlreadyDone, NotFound
from common.domain.message import Origin
from common.domain.money import Positive
from common.entrypoint.authentication import CUSTOMER, PUBLIC, STAFF, Caller, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.consumer import batch_handler, consumer_handler
from common.entrypoint.fields import Day, Text
from common.entrypoint.http import SentAs, http_app, http_handler, raw_body
from common.entrypoint.idempotency import IdempotencyKey, Keyed, Remember, answer, derived_id, once
from common.entrypoint.observability import trace_id
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.entrypoint.relay import relay_handler, republisher_handler
from common.entrypoint.saga import saga_tasks
from common.entrypoint.sweeper import sweeper_handler
from common.infrastructure.idempotency import Answer
from common.infrastructure.transaction import Write
from payment.bootstrap import (
    cursors,
    event_bus,
    ledger,
    news,
    outbox,
    payments,
    records,
    streams,
    stripe_keys,
    webhook_inbox,
)
from payment.commands import (
    PAYMENT_TASKS,
    AuthorizePayment,
    CapturePayment,
    PaymentTask,
    RefundPayment,
    RequestRefund,
    VoidPayment,
    payment_of,
)
from payment.events import AnyPaymentEvent
from payment.hearing import keep_books, settle
from payment.news import Told
from payment.queries import LedgerBalance, PaymentRefundView, PaymentView, ledger_balances
from payment.reconciliation.comparison import ReconciliationReport
from payment.reconciliation.use_cases import kept_or_made, reconcile_yesterday
from payment.state import Payment, State
from payment.webhook import StripeEvent, read_event, verify

V = TypeVar("V")

app = http_app()

PaymentId = Annotated[str, Path(max_length=64)]
RawBody = Annotated[bytes, Depends(raw_body), SentAs("application/json", StripeEvent)]


def _signature(request: Request) -> str:
    return str(request.resolved_event.headers.get("stripe-signature") or "")


Signature = Annotated[str, Depends(_signature)]


class PaymentRefundRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    amount: Positive
    reason: Text


class WebhookReceived(BaseModel):
    received: bool = True


@app.get("/payments", security=CUSTOMER)
def list_payments(
    caller: SignedIn,
    query: ThisQuery,
    order_id: Annotated[str, Query(min_length=1, max_length=64)],
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Listed[PaymentView]:
    """An order has one payment, and its id derives from the order's: what was written is found at once."""
    cursors().open(cursor, query)
    try:
        found = [_payment(payment_of(order_id), caller)]
    except NotFound:
        found = []
    mine = [PaymentView.of(payment) for payment in found if payment.requested.order_id == order_id]
    return Listed(items=mine, next_cursor=None)


@app.get("/payments/ledger", security=STAFF)
def get_ledger(query: ThisQuery, limit: Limit = 20, cursor: Cursor = None) -> Listed[LedgerBalance]:
    return _page(ledger_balances(ledger().sums()), query, limit, cursor)


@app.get("/payments/reconciliation", security=STAFF)
def get_reconciliation(
    at: ReceivedAt, date: Annotated[Day | None, Query()] = None, fresh: Annotated[bool, Query()] = False
) -> ReconciliationReport:
    """Of a day in UTC, today if none is named. A day that is over has a kept report, unless a fresh one is wanted."""
    return kept_or_made(date or at.date(), at, fresh=fresh)


@app.get("/payments/<payment_id>", security=CUSTOMER)
def get_payment(payment_id: PaymentId, caller: SignedIn) -> PaymentView:
    return PaymentView.of(_payment(payment_id, caller))


@app.get("/payments/<payment_id>/refunds", security=STAFF)
def list_refunds(
    payment_id: PaymentId, caller: SignedIn, query: ThisQuery, limit: Limit = 20, cursor: Cursor = None
) -> Listed[PaymentRefundView]:
    """In the order in which they were asked for."""
    payment = _payment(payment_id, caller)
    return _page([PaymentRefundView.of(payment, refund) for refund in payment.refunds.values()], query, limit, cursor)


@app.post("/payments/<payment_id>/refunds", status_code=HTTPStatus.ACCEPTED, security=STAFF)
def request_refund(
    payment_id: PaymentId,
    body: PaymentRefundRequest,
    key: IdempotencyKey,
    keyed: Keyed,
    caller: SignedIn,
    at: ReceivedAt,
) -> Response[PaymentRefundView]:
    """Promised at once, and given as soon as the provider answers."""
    refund_id = derived_id("ref", caller.sub, payment_id, key)

    def use_case(remember: Remember) -> Answer:
        command = RequestRefund(refund_id=refund_id, amount=body.amount, reason=body.reason, at=at)

        def remembered(state: State, events: Sequence[AnyPaymentEvent], version: int) -> Sequence[Write]:
            return [remember(_promised(state, refund_id))]

        return _promised(streams().handle(payment_id, command, caller.origin, also=remembered).state, refund_id)

    return once(records(), keyed, PaymentRefundView, use_case)


def _promised(state: State, refund_id: str) -> Answer:
    assert isinstance(state, Payment), "it was refunded"
    return answer(HTTPStatus.ACCEPTED, PaymentRefundView.of(state, state.refunds[refund_id]))


@app.post("/payments/webhooks/stripe", security=PUBLIC)
def hear_stripe(body: RawBody, signature: Signature, at: ReceivedAt) -> WebhookReceived:
    """Any other answer than a 2xx makes Stripe send it again, for three days."""
    verify(signature, body, stripe_keys()["webhook_secret"], at)
    event = read_event(body)
    origin = Origin(actor="stripe", correlation_id=trace_id(), causation_id=event.id)
    told = Told(at, origin, also=[webhook_inbox().mark_id(event.id, at)])
    with suppress(AlreadyDone):
        match event.topic, event.reference:
            case "payment", str(reference):
                news().of_payment(reference, event.hint, told)
            case "refunds", str(reference):
                news().of_refunds(reference, event.given_back, told)
            case "dispute", str(reference):
                news().of_dispute(reference, told)
    return WebhookReceived()


def _page(everything: Sequence[V], query: str, limit: int, cursor: str | None) -> Listed[V]:
    """Of a list that only grows at its end."""
    start = (cursors().open(cursor, query) or {"start": 0})["start"]
    end = start + limit
    after = {"start": end} if end < len(everything) else None
    return Listed(items=list(everything[start:end]), next_cursor=cursors().seal(after, query))


def _payment(payment_id: str, caller: Caller) -> Payment:
    payment = streams().state(payment_id)
    if not isinstance(payment, Payment) or not caller.may_see(payment.requested.customer_id):
        raise NotFound("There is no such payment.")
    return payment


api = http_handler(app)
consumer = batch_handler(keep_books)
settlements = consumer_handler(settle)
reconciler = sweeper_handler("payment.reconciler", reconcile_yesterday)
relay = relay_handler("payment", event_bus)
republisher = republisher_handler("payment", outbox, event_bus)


@saga_tasks(PAYMENT_TASKS)
def tasks(command: PaymentTask, origin: Origin) -> dict[str, str]:
    match command:
        case AuthorizePayment():
            payment = payments().authorize(command, origin)
            status = "requires_action" if payment.stage == "action_required" else "authorized"
            return {"payment_id": payment.payment_id, "status": status}
        case CapturePayment():
            payments().capture(command, origin)
        case VoidPayment():
            payments().void(command, origin)
        case RefundPayment():
            payments().refund(command, origin)
    return {"payment_id": payment_of(command.order_id)}
