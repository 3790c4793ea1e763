"""What is done with stock and reservations: read, decide, commit together; read and decide again when outrun."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from common.application.command_handler import again_if_outrun
from common.domain.errors import ConcurrentWrite, DomainError
from common.domain.message import Message, Origin
from common.infrastructure.transaction import Write
from inventory import bootstrap
from inventory.reservation.commands import AnyReservationCommand, ExpireReservation, ReserveStock
from inventory.stock.commands import AdjustStock
from inventory.stock.decider import adjust
from inventory.stock.events import AvailabilityChanged, StockAdjusted
from inventory.stock.levels import Level, ReservedItem, available, word
from inventory.stock.rows import StockMoved, arrived, came_back, left

ATTEMPTS = 10  # at stock that others change, too
MOVEMENTS = {"StockCommitted": left, "StockReturned": came_back}  # of what is not adjusted

Beside = Callable[[StockAdjusted], Sequence[Write]]


def change(command: AnyReservationCommand, origin: Origin) -> str:
    """Carry it out, with the stock in the same transaction. Return the reservation's id."""
    if isinstance(command, ReserveStock):
        _reserve(command, origin)
    else:
        along = bootstrap.reservation_rows().along
        bootstrap.reservations().handle(command.reservation_id, command, origin, also=along)
    return command.reservation_id


def _reserve(command: ReserveStock, origin: Origin) -> None:
    """All lines or none, from stock that is read anew each time that others were faster."""
    along = bootstrap.reservation_rows().along
    for _ in range(ATTEMPTS):
        levels = {item.sku: bootstrap.stock().levels(item.sku) for item in command.items}
        informed = command.model_copy(update={"levels": levels})
        try:
            bootstrap.reservations().handle(command.reservation_id, informed, origin, also=along)
            return
        except StockMoved:
            continue
    raise ConcurrentWrite("Many want the same goods. Try again.")


def adjust_stock(command: AdjustStock, origin: Origin, beside: Beside) -> StockAdjusted:
    """The row, its event, its movement and what `beside` names are one transaction."""

    def once() -> StockAdjusted:
        head = bootstrap.stock().head(command.sku)
        before = bootstrap.stock().level(command.sku, command.warehouse_id)
        nothing = Level(warehouse_id=command.warehouse_id, on_hand=0, reserved=0)
        event = adjust(command, before or nothing)
        stream = f"stock_{command.sku}"
        movement = arrived(event, f"{stream}#{head['version'] + 1}")
        writes = bootstrap.stock().adjusted(event, before, movement)
        also = [*writes, bootstrap.stock().next_head(head, event), *beside(event)]
        bootstrap.stock_stream().save(stream, head["version"], [event], origin, also=also)
        return event

    return again_if_outrun(once, ATTEMPTS)


def hear(message: Message) -> None:
    """Inventory's own events. Twice, late or shuffled: a movement is the same row, a word is told when it changes."""
    if moved := MOVEMENTS.get(message.type):
        items = [ReservedItem.model_validate(item) for item in message.data["items"]]
        for movement in moved(items, message.time, message.id, message.data["order_id"]):
            bootstrap.stock().record(movement)
    if message.type == "StockCommitted":
        return  # what was reserved was not available before either
    for sku in _skus(message):
        _announce(sku, message.time, message.because("inventory.consumer"))


def _skus(message: Message) -> Iterable[str]:
    if "sku" in message.data:
        return [message.data["sku"]]
    return [item["sku"] for item in message.data["items"]]


def _announce(sku: str, at: datetime, origin: Origin) -> None:
    """Say how available it is, if that is another word than the last.

    What was said is read before what there is, and committed against: whoever has seen older stock loses.
    """

    def once() -> None:
        head = bootstrap.stock().head(sku)
        availability = word(available(bootstrap.stock().levels(sku)), bootstrap.settings().low_stock)
        if availability == head.get("availability"):
            return
        event = AvailabilityChanged(sku=sku, availability=availability, at=at)
        also = [bootstrap.stock().next_head(head, event)]
        bootstrap.stock_stream().save(f"stock_{sku}", head["version"], [event], origin, also=also)

    again_if_outrun(once, ATTEMPTS)


def sweep(at: datetime, origin: Origin) -> None:
    """Let what nobody paid for in time expire. One that fails does not keep the others."""
    failed: list[DomainError] = []
    for order_id in bootstrap.reservation_rows().over(at):
        try:
            change(ExpireReservation(order_id=order_id, at=at), origin)
        except DomainError as error:
            failed.append(error)
    if failed:
        raise ExceptionGroup("some reservations did not expire", failed)
