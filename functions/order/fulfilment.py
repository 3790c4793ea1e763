"""The rules of parts: what each shipment of an order costs, when all of it has left, and when all has arrived. Pure.

Parts leave and arrive in any order, and their news come in any order too.
"""

from collections.abc import Sequence

from common.domain.money import Money, total
from order.commands import ChargeShipment, DeliverOrder, ShipOrder
from order.events import (
    AnyOrderEvent,
    OrderCancelRefused,
    OrderDelivered,
    OrderPartDelivered,
    OrderPartShipped,
    OrderShipped,
    ShipmentCharged,
)
from order.pricing import cost_of
from order.refusals import NotInTheOrder, OrderNotOpen
from order.state import Charge, Order
from order.units import Units, counted


def charge(command: ChargeShipment, order: Order) -> list[AnyOrderEvent]:
    """Once per shipment. What a shipment of the whole order costs needs no event."""
    if command.shipment_id in order.charges or command.shipment_id in order.left:
        return []
    _require_sendable(order)
    items = command.items or order.uncharged
    _require_within(items, order.uncharged)
    final = counted(items) == counted(order.uncharged)
    if final and not order.charges:
        return []
    amount = order.placed.total - order.charged if final else _share(items, order)
    what = {"shipment_id": command.shipment_id, "items": items, "amount": amount, "final": final}
    return [ShipmentCharged(**order.ids, **what, at=command.at)]


def charge_of(order: Order, shipment_id: str) -> Charge:
    """What was decided for it: all, if there was nothing to divide."""
    whole = Charge(order.remaining, order.placed.total, final=True)
    return order.charges.get(shipment_id, whole)


def _share(items: Sequence[Units], order: Order) -> Money:
    """Of the goods; the first part bears shipping, and the tax on it."""
    placed = order.placed
    currency, wanted = placed.total.currency, counted(items)
    before = counted(unit for charged in order.charges.values() for unit in charged.items)
    goods = total((cost_of(line, before[line.sku], wanted[line.sku]) for line in placed.items), currency)
    if order.charges:
        return goods
    on_goods = total((line.tax for line in placed.items if line.tax), currency)
    return goods + placed.shipping + (placed.tax - on_goods)


def ship(command: ShipOrder, order: Order) -> list[AnyOrderEvent]:
    """What has left cannot be cancelled any more: a cancellation that was asked for is refused with it."""
    if command.shipment_id in order.left or order.stage in ("shipped", "delivered", "returned"):
        return []
    _require_sendable(order)
    items = command.items or order.remaining
    _require_within(items, order.remaining)
    refused = [OrderCancelRefused(**order.ids, at=command.at)] if order.stage == "cancelling" else []
    parcel = command.model_dump(exclude={"type", "order_id", "items"}) | order.ids | {"items": items}
    if counted(items) != counted(order.remaining):
        return [*refused, OrderPartShipped(**parcel)]
    last: list[AnyOrderEvent] = [*refused, OrderShipped(**parcel)]
    if {*order.left, command.shipment_id} <= order.arrived:
        last.append(OrderDelivered(**order.ids, shipment_id=command.shipment_id, at=command.at))
    return last


def deliver(command: DeliverOrder, order: Order) -> list[AnyOrderEvent]:
    if command.shipment_id in order.arrived or order.stage in ("delivered", "returned"):
        return []
    what = {**order.ids, "shipment_id": command.shipment_id, "at": command.at}
    match order.stage:
        case "shipped":
            arrived = order.arrived | {command.shipment_id}
            return [OrderDelivered(**what) if order.left.keys() <= arrived else OrderPartDelivered(**what)]
        case "confirmed" | "cancelling" | "cancelled":
            return [OrderPartDelivered(**what)]
        case _:
            raise OrderNotOpen(f"The order is {order.status}.")


def _require_sendable(order: Order) -> None:
    if order.stage not in ("confirmed", "cancelling") or order.giving_back:
        raise OrderNotOpen(f"The order is {order.status}.")


def _require_within(items: Sequence[Units], rest: Sequence[Units]) -> None:
    wanted, known = counted(items), counted(rest)
    if not items or any(quantity > known[sku] for sku, quantity in wanted.items()):
        raise NotInTheOrder("The order does not have these goods, or has sent them already.")
