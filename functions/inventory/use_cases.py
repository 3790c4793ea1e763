"""What is done with stock and reservations: read, decide, commit together; read and decide again when outrun."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from common.application.command_handler import Handled
from common.domain.errors import DomainError, NotFound
from common.domain.message import Origin
from common.infrastructure.rows import Row
from common.infrastructure.transaction import Write
from inventory import bootstrap
from inventory.patience import patiently
from inventory.reservation.commands import AnyReservationCommand, ExpireReservation, ReserveStock
from inventory.reservation.decider import OutOfStock, Reservation
from inventory.reservation.events import AnyReservationEvent
from inventory.reservation.expiring import Note, minute
from inventory.stock import decider
from inventory.stock.commands import AdjustStock, GatherStock, SpreadStock
from inventory.stock.events import AnyStockEvent, PlaceDelta, StockAdjusted, StockShifted
from inventory.stock.levels import Level, Stock
from inventory.stock.movements import arrived

MAX_LOOKED_AT = 100  # reservations, by a buyer who finds too little; if more are due, the sweeper will be there soon

Levels = dict[str, tuple[Level, ...]]
Beside = Callable[[StockAdjusted], Sequence[Write]]


def change(command: AnyReservationCommand, origin: Origin) -> str:
    """Carry it out, with the stock in the same transaction. Return the reservation's id."""
    if isinstance(command, ReserveStock):
        patiently(lambda: _reserve(command, origin))
    else:
        patiently(lambda: _once(command, origin))
    return command.reservation_id


def _once(command: AnyReservationCommand, origin: Origin) -> Handled[Reservation | None, AnyReservationEvent]:
    return bootstrap.reservations().handle(command.reservation_id, command, origin, attempts=1)


def _reserve(command: ReserveStock, origin: Origin) -> None:
    """All lines or none. That there is not enough is said when everything has been looked at."""
    for levels in _ever_more(command, origin):
        try:
            _once(command.model_copy(update={"levels": levels}), origin)
            return
        except OutOfStock as error:
            refusal = error
    raise refusal


def _ever_more(command: ReserveStock, origin: Origin) -> Iterator[Levels]:
    """What is near; then, of what is hot or was, all there is; then that which should have been given back by now."""
    near = {item.sku: bootstrap.stock().nearby(item.sku, command.order_id) for item in command.items}
    yield _levels(near)
    everything = near
    if any(stock.shards for stock in near.values()):
        everything = {sku: bootstrap.stock().everywhere(sku) if near[sku].shards else near[sku] for sku in near}
        yield _levels(everything)
    if not any(level.reserved for stock in everything.values() for level in stock.levels):
        return
    notes = list(bootstrap.expiry_notes().due(command.at))
    if sum(len(note.orders) for note in notes) > MAX_LOOKED_AT:
        return
    if any([_look_at(note, command.at, origin) for note in notes]):
        yield _levels({sku: bootstrap.stock().everywhere(sku) for sku in near})


def _levels(stock: dict[str, Stock]) -> Levels:
    return {sku: some.levels for sku, some in stock.items()}


def adjust_stock(command: AdjustStock, origin: Origin, beside: Beside) -> StockAdjusted:
    """The row, its event, its movement, the word for what is there now and what `beside` names are one transaction."""

    def once() -> StockAdjusted:
        head, before = bootstrap.stock().head(command.sku), bootstrap.stock().everywhere(command.sku)
        event = decider.adjust(command, before)
        movement = bootstrap.stock().movement(arrived(event, f"stock_{command.sku}#{head['version'] + 1}"))
        told = _told(head, before.available + command.delta, command.at)
        _commit(head, before, [event, *told], origin, [movement, *beside(event)])
        return event

    return patiently(once)


def spread_or_gather(command: SpreadStock | GatherStock, origin: Origin) -> None:
    """Say how it is counted from now on. The goods follow, place by place, when the consumer hears of it."""

    def once() -> None:
        head, before = bootstrap.stock().head(command.sku), bootstrap.stock().everywhere(command.sku)
        if not before.levels:
            raise NotFound("There has never been stock of this SKU.")
        match command:
            case SpreadStock():
                events = decider.spread(command, before)
            case GatherStock():
                events = decider.gather(command, before)
        _commit(head, before, events, origin)

    patiently(once)


def announce(sku: str, at: datetime, origin: Origin) -> Stock:
    """Say how available it is, if that is another word than the last. Return what was seen.

    What was said is read before what there is, and committed against: whoever has seen older stock loses.
    """

    def once() -> Stock:
        head, stock = bootstrap.stock().head(sku), bootstrap.stock().everywhere(sku)
        _commit(head, stock, _told(head, stock.available, at), origin)
        return stock

    return patiently(once)


def _told(head: Row, available: int, at: datetime) -> list[AnyStockEvent]:
    return decider.announce(head["sku"], available, head.get("availability"), bootstrap.thresholds(), at)


def put_in_place(sku: str, at: datetime, origin: Origin) -> None:
    """Count what is free of a SKU where it is looked for first, a step at a time, so that each meets few others."""

    def once() -> bool:
        head, stock = bootstrap.stock().head(sku), bootstrap.stock().everywhere(sku)
        for shift in decider.misplaced(stock)[:1]:
            places = (
                PlaceDelta(shard=shift.source, delta=-shift.quantity),
                PlaceDelta(shard=shift.target, delta=shift.quantity),
            )
            event = StockShifted(sku=sku, warehouse_id=shift.warehouse_id, places=places, at=at)
            _commit(head, stock, [event], origin)
            return True
        return False

    while patiently(once):
        pass


def _commit(
    head: Row, before: Stock, events: Sequence[AnyStockEvent], origin: Origin, also: Sequence[Write] = ()
) -> None:
    """The events of a SKU, with the places that they change. `head` was read before what they were decided on."""
    if not events:
        return
    stock, stream = bootstrap.stock(), f"stock_{head['sku']}"
    beside = [write for event in events for write in stock.beside(event, before)]
    writes = [*beside, stock.next_head(head, events), *also]
    bootstrap.stock_stream().save(stream, head["version"], events, origin, also=writes)


def sweep(at: datetime, origin: Origin) -> None:
    """Let what nobody paid for in time expire. One that fails does not keep the others."""
    failed: list[DomainError] = []
    for note in bootstrap.expiry_notes().due(at):
        try:
            _look_at(note, at, origin)
        except DomainError as error:
            failed.append(error)
    if failed:
        raise ExceptionGroup("some reservations did not expire", failed)


def _look_at(note: Note, at: datetime, origin: Origin) -> bool:
    """Whether one of its reservations has expired just now. Those that have more time are noted for later."""
    expired, later = False, dict[str, datetime]()
    for order_id in note.orders:
        handled = _expire(ExpireReservation(order_id=order_id, at=at), origin)
        expired |= bool(handled.events)
        if handled.state and handled.state.status == "reserved" and handled.state.expires_at:
            later[order_id] = handled.state.expires_at
    extended = {order_id: until for order_id, until in later.items() if minute(until) > note.minute}
    bootstrap.expiry_notes().note(extended)
    if extended == later:  # and nothing is left that ends later in this very minute
        bootstrap.expiry_notes().done(note)
    return expired


def _expire(command: ExpireReservation, origin: Origin) -> Handled[Reservation | None, AnyReservationEvent]:
    return patiently(lambda: _once(command, origin))
