"""Lambda's entry points of the payment domain: translate, hand over, answer. No rules here."""

from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends, Request, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from common.domain.errors import AlreadyDone, NotFound
from common.domain.message import Message, Origin
from common.domain.money import Positive
from common.entrypoint.authentication import CUSTOMER, PUBLIC, STAFF, Caller, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.consumer import consumer_handler
from common.entrypoint.http import http_app, http_handler, raw_body
from common.entrypoint.idempotency import IdempotencyKey, Keyed, Remember, answer, derived_id, once
from common.entrypoint.observability import trace_id
from common.entrypoint.pagination import Listed
from common.entrypoint.relay import relay_handler, republisher_handler
from common.entrypoint.saga import saga_tasks
from common.infrastructure.idempotency import Answer
from common.infrastructure.transaction import Write
from payment.bootstrap import (
    event_bus,
    ledger,
    ledger_inbox,
    outbox,
    payments,
    records,
    rows,
    streams,
    stripe_keys,
    webhook_inbox,
)
from payment.commands import (
    PAYMENT_TASKS,
    AuthorizePayment,
    CapturePayment,
    PaymentTask,
    RequestRefund,
    VoidPayment,
    payment_of,
)
from payment.decider import Payment, State
from payment.events import AnyPaymentEvent
from payment.postings import Posted
from payment.queries import LedgerBalance, PaymentRefundView, PaymentView
from payment.webhook import read_event, verify

app = http_app()

PaymentId = Annotated[str, Path(max_length=64)]
RawBody = Annotated[bytes, Depends(raw_body)]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]


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
def list_payments(caller: SignedIn, order_id: Annotated[str, Query(max_length=64)]) -> Listed[PaymentView]:
    payment = streams().state(payment_of(order_id)) if order_id else None
    mine = isinstance(payment, Payment) and caller.may_see(payment.requested.customer_id)
