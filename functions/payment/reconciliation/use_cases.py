"""A day's report: made by the clock and kept, or made on the spot."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from common.domain.message import Message, Origin
from common.entrypoint.observability import count
from payment import bootstrap
from payment.books import POSTINGS, Entry, Sums
from payment.commands import order_of, payment_of
from payment.decider import decider
from payment.events import PAYMENT_EVENTS
from payment.reconciliation.comparison import (
    Compared,
    Difference,
    Posted,
    ReconciliationReport,
    entry_differences,
    in_progress,
    ledger_differences,
    order_differences,
    payment_differences,
)
from payment.reconciliation.provider_log import Standing
from payment.state import Payment

ALMOST = timedelta(days=5)
LISTED = 500  # so that a report fits into a row
REPORTS = "reconciliation"


def kept_or_made(day: date, now: datetime, *, fresh: bool = False) -> ReconciliationReport:
    """The kept report of a day that is over, unless a new one is asked for. Raise ProviderDown or OutcomeUnknown."""
    if not fresh and day < now.date() and (row := bootstrap.rows().get(REPORTS, day.isoformat())):
        return ReconciliationReport.model_validate_json(row["report"])
    return make(day, now)


def reconcile_yesterday(at: datetime, origin: Origin) -> None:
    """Keep yesterday's report, and say how many differences it lists: an alarm listens."""
    report = make((at - timedelta(days=1)).date(), at)
    bootstrap.rows().put({"pk": REPORTS, "sk": report.date, "report": report.model_dump_json()})
    count("ReconciliationDifferences", report.total)
    count("HoldsLapsing", len(report.lapsing))


def make(day: date, now: datetime) -> ReconciliationReport:
    entries, sums = _books(day)
    there = _by_payment(bootstrap.provider_log().touched(day))
    orders = bootstrap.orders_seen().on(day)
    named = {entry.payment_id for entry in entries} | there.keys() | {payment_of(order_id) for order_id in orders}
    found, busy = list(ledger_differences(entries, sums)), 0
    for payment_id in sorted(named):
        messages = bootstrap.history().messages(payment_id, "payment")
        payment = _folded(messages)
        if in_progress(payment, now):
            busy += 1
            continue
        found += _differences(payment_id, payment, there.get(payment_id, []))
        mine = {entry.event_id: entry for entry in entries if entry.payment_id == payment_id}
        found += entry_differences(payment_id, _posted(messages, day), mine, now)
    return ReconciliationReport(
        date=day.isoformat(),
        made_at=now,
        compared=Compared(payments=len(named), orders=len(orders), postings=len(entries)),
        in_progress=busy,
        lapsing=_lapsing(day),
        total=len(found),
        differences=found[:LISTED],
    )


def _lapsing(day: date) -> list[str]:
    """By the time yesterday's report is made, these have a day or two left."""
    held = {entry.payment_id for entry in bootstrap.ledger().journal(day - ALMOST)}
    states = {payment_id: bootstrap.streams().state(payment_id) for payment_id in held}
    return sorted(name for name, state in states.items() if isinstance(state, Payment) and state.held.amount)


def _books(day: date) -> tuple[list[Entry], Sums]:
    """The day's journal and its sums, seen at one moment: nothing was posted between."""
    ledger = bootstrap.ledger()
    for _ in range(5):
        sums = ledger.sums(day)
        entries = list(ledger.journal(day))
        if ledger.sums(day) == sums:
            break
    return entries, sums


def _by_payment(standings: Iterable[Standing]) -> dict[str, list[Standing]]:
    """One each, or the provider holds money twice. What names no payment is its own."""
    found: dict[str, list[Standing]] = defaultdict(list)
    for standing in standings:
        found[standing.payment_id or standing.reference].append(standing)
    return found


def _differences(payment_id: str, payment: Payment | None, there: Sequence[Standing]) -> Iterator[Difference]:
    ours = [standing for standing in there if payment and standing.reference == payment.reference]
    for stray in there:
        if stray not in ours:
            yield from payment_differences(None, stray)
    if payment:
        known = ours[0] if ours else bootstrap.provider_log().standing(payment.reference) if payment.reference else None
        yield from payment_differences(payment, known)
    yield from order_differences(bootstrap.orders_seen().of(order_of(payment_id)), payment)


def _folded(messages: Sequence[Message]) -> Payment | None:
    events = [PAYMENT_EVENTS.validate_python({"type": m.type, "at": m.time, **m.data}) for m in messages]
    state = decider.fold(events)
    return state if isinstance(state, Payment) else None


def _posted(messages: Sequence[Message], day: date) -> dict[str, Posted]:
    of_that_day = [message for message in messages if message.time.astimezone(UTC).date() == day]
    posted = {m.id: tuple(POSTINGS.validate_python(m.data.get("postings", []))) for m in of_that_day}
    return {m.id: Posted(posted[m.id], m.time) for m in of_that_day if posted[m.id]}
