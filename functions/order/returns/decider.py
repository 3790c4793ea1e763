"""The rules of returns. Pure: no clock, no ids, no AWS.

Of each line no more comes back than was bought, over all returns that were not rejected. A return refunds what its
goods cost, with their share of discount and tax; however a line is taken apart, the parts refund what it cost. What
was paid for shipping stays paid.
"""

from collections.abc import Sequence
from typing import assert_never

from common.domain.errors import Conflict, Invalid, NotFound
from common.domain.money import Money, total
from order.events import AnyOrderEvent, OrderReturned
from order.pricing import cost_of
from order.returns.commands import (
    AnyReturnCommand,
    ApproveReturn,
    CompleteReturn,
    ReceiveReturn,
    RejectReturn,
    RequestReturn,
)
from order.returns.events import ReturnApproved, ReturnCompleted, ReturnReceived, ReturnRejected, ReturnRequested
from order.returns.state import Return
from order.state import Order
from order.units import Units, counted


class NotReturnable(Conflict):
    """Goods come back after they have arrived."""


class MoreThanBought(Invalid): ...


class MoreThanPromised(Invalid): ...


class ReturnNotOpen(Conflict):
    """It has been decided otherwise, or is too far for that."""


def decide(command: AnyReturnCommand, order: Order) -> list[AnyOrderEvent]:
    """Return what happens, or [] if it already has, or raise if it may not."""
    if isinstance(command, RequestReturn):
        return _request(command, order)
    found = order.returns.get(command.return_id)
    if found is None:
        raise NotFound("There is no such return.")
    ids = {**order.ids, "return_id": command.return_id}
    match command:
        case ApproveReturn():
            return [ReturnApproved(**ids, at=command.at)] if _moves(found, "requested", "approved") else []
        case RejectReturn():
            return [ReturnRejected(**ids, at=command.at)] if _moves(found, "requested", "rejected") else []
        case ReceiveReturn():
            return _receive(command, order, found)
        case CompleteReturn():
            if not _moves(found, "received", "completed"):
                return []
            completed = ReturnCompleted(**ids, at=command.at)
            return [completed, OrderReturned(**order.ids, at=command.at)] if _all_is_back(order) else [completed]
        case _:
            assert_never(command)


def _moves(found: Return, before: str, after: str) -> bool:
    """Whether it goes from one to the other now; False if it has. Raise ReturnNotOpen if it cannot."""
    if found.status == after:
        return False
    if found.status != before:
        raise ReturnNotOpen(f"The return is {found.status}.")
    return True


def _request(command: RequestReturn, order: Order) -> list[AnyOrderEvent]:
    if command.return_id in order.returns:
        return []
    if order.stage not in ("delivered", "returned"):
        raise NotReturnable(f"The order is {order.status}.")
    bought, claimed = counted(order.placed.items), counted(_claims(order))
    for position, item in enumerate(command.items):
        left = bought[item.sku] - claimed[item.sku]
        if item.quantity > left:
            raise MoreThanBought(f"{left} of {item.sku} can be returned.", field=f"items.{position}.quantity")
    ids = {**order.ids, "return_id": command.return_id}
    return [ReturnRequested(**ids, items=command.items, reason=command.reason, at=command.at)]


def _receive(command: ReceiveReturn, order: Order, found: Return) -> list[AnyOrderEvent]:
    items = found.requested.items if command.items is None else command.items
    if found.status == "completed" or not _moves(found, "approved", "received"):
        if items != found.received:
            raise ReturnNotOpen("Other goods were received before.")
        return []
    promised = counted(found.requested.items)
    for position, item in enumerate(items):
        if item.quantity > promised[item.sku]:
            why = f"{promised[item.sku]} of {item.sku} were promised."
            raise MoreThanPromised(why, field=f"items.{position}.quantity")
    ids = {**order.ids, "return_id": command.return_id}
    return [ReturnReceived(**ids, items=items, refund=_worth(items, order), at=command.at)]


def _worth(items: Sequence[Units], order: Order) -> Money:
    """What these cost, beyond what other returns were refunded for."""
    before = counted(unit for other in order.returns.values() for unit in other.received or ())
    coming = counted(items)
    costs = (cost_of(line, before[line.sku], coming[line.sku]) for line in order.placed.items)
    return total(costs, order.placed.total.currency)


def _claims(order: Order) -> list[Units]:
    return [unit for other in order.returns.values() for unit in other.claims]


def _all_is_back(order: Order) -> bool:
    """With the return that is being completed."""
    back = counted(unit for other in order.returns.values() for unit in other.received or ())
    open_ones = [other for other in order.returns.values() if other.status in ("requested", "approved")]
    return order.status != "returned" and not open_ones and back == counted(order.placed.items)
