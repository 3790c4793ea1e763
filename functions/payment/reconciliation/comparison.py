"""What differs, and how it is called. Pure: the three sides come in, the differences go out.

Compared is how each payment stands on both sides, not what moved when: around midnight the two clocks may disagree
about the day of a movement, never for long about its sum.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from pydantic import AwareDatetime, BaseModel

from common.domain.ledger import Posting
from common.domain.money import Money
from payment.books import Entry, OrderSeen, Sums, summed
from payment.reconciliation.provider_log import Standing
from payment.state import Payment

GRACE = timedelta(minutes=15)  # a step that is younger may still be at work

Kind = Literal[
    # `here` is our events, `there` the provider's log
    "authorization_missing_here",
    "authorization_missing_there",
    "authorization_differs",
    "capture_missing_here",
    "capture_missing_there",
    "capture_differs",
    "void_missing_here",
    "void_missing_there",
    "void_differs",
    "refund_missing_here",
    "refund_missing_there",
    "refund_differs",
    "unfinished",  # begun, and its result is not known
    "order_without_authorization",
    "order_total_differs",  # authorized was something else than its total
    "order_shipped_unpaid",
    "order_ended_and_keeps_money",
    "captured_without_order",
    "ledger_misses_event",
    "ledger_has_no_event",
    "ledger_differs_from_event",
    "ledger_sum_differs",
    "ledger_unbalanced",
]
KINDS: tuple[str, ...] = get_args(Kind)


class Difference(BaseModel):
    kind: Kind
    payment_id: str | None = None
    order_id: str | None = None
    refund_id: str | None = None
    provider_reference: str | None = None
    event_id: str | None = None
    account: str | None = None
    here: Money | None = None
    there: Money | None = None


class Compared(BaseModel):
    """How many of each were looked at."""

    payments: int
    orders: int
    postings: int


class ReconciliationReport(BaseModel):
    date: str
    made_at: AwareDatetime
    compared: Compared
    in_progress: int  # payments that something is being done to right now: not compared
    lapsing: list[str] = []  # payments of six days before that are still held: the provider lets go of them after seven
    total: int  # differences, of which at most 500 are listed
    differences: list[Difference]


def in_progress(payment: Payment | None, now: datetime) -> bool:
    return payment is not None and payment.unfinished and now - payment.updated_at < GRACE


def payment_differences(payment: Payment | None, there: Standing | None) -> Iterator[Difference]:
    """Our events against the provider's log. `there` is None if it knows no such payment."""
    currency = payment.requested.amount.currency if payment else there.currency if there else "EUR"
    of = _names(payment, there)

    def differing(what: str, ours: int, theirs: int, **more: str) -> Iterator[Difference]:
        if ours != theirs:
            how = "missing_here" if not ours else "missing_there" if not theirs else "differs"
            money = {"here": Money(amount=ours, currency=currency), "there": Money(amount=theirs, currency=currency)}
            yield Difference.model_validate({"kind": f"{what}_{how}", **of, **more, **money})

    mine = (payment.authorized, payment.captured, payment.voided) if payment else ()
    ours = [money.amount for money in mine] or [0, 0, 0]
    theirs = [there.authorized, there.captured, there.authorized - there.captured - there.held] if there else [0, 0, 0]
    for what, here, over_there in zip(("authorization", "capture", "void"), ours, theirs, strict=True):
        yield from differing(what, here, over_there)
    given = (
        {r.refund_id: r.amount.amount for r in payment.refunds.values() if r.status == "succeeded"} if payment else {}
    )
    known = there.refunds if there else {}
    for refund_id in sorted({*given, *known}):
        yield from differing("refund", given.get(refund_id, 0), known.get(refund_id, 0), refund_id=refund_id)
    if payment and payment.unfinished:
        yield Difference(kind="unfinished", **of)


def order_differences(order: OrderSeen, payment: Payment | None) -> Iterator[Difference]:
    """What was agreed with the customer against what our events say of the money."""
    of = {"order_id": order.order_id, **({"payment_id": payment.payment_id} if payment else {})}
    authorized, captured = (payment.authorized, payment.captured) if payment else (None, None)
    if order.confirmed and not (authorized and authorized.amount):
        yield Difference(kind="order_without_authorization", **of, here=order.total)
    elif order.confirmed and authorized != order.total:
        yield Difference(kind="order_total_differs", **of, here=authorized, there=order.total)
    if order.shipped and captured != order.total:
        yield Difference(kind="order_shipped_unpaid", **of, here=captured, there=order.total)
    if payment and not order.confirmed and payment.captured != payment.refunded:
        yield Difference(kind="captured_without_order", **of, here=payment.captured - payment.refunded)
    elif payment and order.ended and (payment.held.amount or payment.captured != payment.refunded):
        kept = payment.held + payment.captured - payment.refunded
        yield Difference(kind="order_ended_and_keeps_money", **of, here=kept)


@dataclass(frozen=True)
class Posted:
    """What an event says that it posts."""

    postings: tuple[Posting, ...]
    at: datetime


def entry_differences(
    payment_id: str, events: Mapping[str, Posted], entries: Mapping[str, Entry], now: datetime
) -> Iterator[Difference]:
    """A payment's postings of one day, by the id of their event, against the journal's."""
    for event_id in sorted({*events, *entries}):
        of = {"payment_id": payment_id, "event_id": event_id}
        if event_id not in entries:
            if now - events[event_id].at >= GRACE:  # else it may be on its way
                yield Difference(kind="ledger_misses_event", **of)
        elif event_id not in events:
            yield Difference(kind="ledger_has_no_event", **of)
        elif events[event_id].postings != entries[event_id].postings:
            yield Difference(kind="ledger_differs_from_event", **of)


def ledger_differences(entries: Iterable[Entry], sums: Sums) -> Iterator[Difference]:
    """A day's journal against the day's sums, and those against zero."""
    booked = summed(posting for entry in entries for posting in entry.postings)
    for account, currency in sorted({*booked, *sums}):
        here, there = (Money(amount=side.get((account, currency), 0), currency=currency) for side in (sums, booked))
        if here != there:
            yield Difference(kind="ledger_sum_differs", account=account, here=here, there=there)
    for currency in sorted({currency for _, currency in sums}):
        if left := sum(amount for (_, its), amount in sums.items() if its == currency):
            yield Difference(kind="ledger_unbalanced", here=Money(amount=left, currency=currency))


def _names(payment: Payment | None, there: Standing | None) -> dict[str, str]:
    names = {
        "payment_id": payment.payment_id if payment else there.payment_id if there else "",
        "order_id": payment.requested.order_id if payment else there.order_id if there else "",
        "provider_reference": there.reference if there else payment.reference if payment else "",
    }
    return {name: value for name, value in names.items() if value}
