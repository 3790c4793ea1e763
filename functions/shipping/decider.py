"""The rules of what is sent for an order. Pure: no clock, no random ids, no AWS, no carrier.

    created ─▶ dispatched ─▶ in_transit ─▶ out_for_delivery ─▶ delivered
     │   │                                          │ ▲
     │   └─▶ created, created (split)               ▼ │
     └─▶ cancelled                                failed ─▶ returned (shown as failed)

A shipment whose label is being bought still is `created`, but can neither be split nor cancelled any more: the label
may be there. The shipments of an order are cancelled together, or none is. When the carrier's news moves a shipment
is in `tracking`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from common.domain.decider import Decider
from common.domain.errors import Conflict, Invalid, NotFound
from shipping.commands import (
    AbandonDispatch,
    CancelShipment,
    CompleteDispatch,
    CreateShipment,
    News,
    RequestDispatch,
    ShipmentCommand,
    SplitShipment,
    TrackShipment,
)
from shipping.events import (
    AnyShipmentEvent,
    DispatchAbandoned,
    DispatchRequested,
    Offer,
    ShipmentCancelled,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentFailed,
    ShipmentReturned,
    ShipmentSplit,
    ShipmentTracked,
    ShippedItem,
)
from shipping.tracking import Scan, Status, is_news

MAX_SHIPMENTS = 50  # of one order


@dataclass(frozen=True)
class Shipment:
    shipment_id: str
    created: ShipmentCreated  # the whole of what is sent for the order, for whom and where to
    items: tuple[ShippedItem, ...]  # the part of it that goes with this one
    history: tuple[Scan, ...]
    offer: Offer | None = None  # at which a label is being bought, or was
    abandoned: bool = False  # the provider has refused to sell one before
    dispatched: ShipmentDispatched | None = None
    returned: bool = False

    @property
    def status(self) -> Status:
        return self.history[-1].status

    @property
    def has_ended(self) -> bool:
        return self.returned or self.status in ("delivered", "cancelled")


@dataclass(frozen=True)
class Consignment:
    """The shipments of an order, the first one first. There are none if it was cancelled before it was created."""

    shipments: Mapping[str, Shipment] = field(default_factory=dict)


class ShipmentNotDispatchable(Conflict): ...


class ShipmentNotSplittable(Conflict): ...


class ShipmentAlreadyDispatched(Conflict): ...


class ShipmentChanged(Conflict):
    """It was split while its label was about to be bought."""


class TooManyShipments(Conflict): ...


class NotInShipment(Invalid): ...


class NothingLeft(Invalid): ...


def decide(command: ShipmentCommand, consignment: Consignment | None) -> list[AnyShipmentEvent]:
    """Return what happens, or [] if it already has, or raise if it may not."""
    match command:
        case CreateShipment():  # a cancelled order needs none
            return [] if consignment else [ShipmentCreated(shipment_id=command.shipment_id, **command.model_dump())]
        case CancelShipment():
            return _cancel(command, consignment)
    shipment = the_shipment(consignment, command.shipment_id)
    match command:
        case SplitShipment():
            return _split(command, shipment, consignment or Consignment())
        case RequestDispatch():
            return _request_dispatch(command, shipment)
        case AbandonDispatch():
            return _abandon_dispatch(command, shipment)
        case CompleteDispatch():
            return _complete_dispatch(command, shipment)
        case TrackShipment():
            return _track(command, shipment)
        case _:
            assert_never(command)


def the_shipment(consignment: Consignment | None, shipment_id: str) -> Shipment:
    if consignment is None or shipment_id not in consignment.shipments:
        raise NotFound("There is no such shipment.")
    return consignment.shipments[shipment_id]


def _it(shipment: Shipment) -> dict[str, str]:
    return {"shipment_id": shipment.shipment_id, "order_id": shipment.created.order_id}


def _whose(shipment: Shipment) -> dict[str, str]:
    return {**_it(shipment), "customer_id": shipment.created.customer_id}


def _cancel(command: CancelShipment, consignment: Consignment | None) -> list[AnyShipmentEvent]:
    how = {"reason": command.reason, "at": command.at}
    if consignment is None:
        return [ShipmentCancelled(shipment_id=command.shipment_id, order_id=command.order_id, **how)]
    if not command.goods_left:
        for shipment in consignment.shipments.values():
            _require_here(shipment)
    here = [one for one in consignment.shipments.values() if one.status == "created" and not one.offer]
    return [ShipmentCancelled(**_it(shipment), **how) for shipment in here]


def _require_here(shipment: Shipment) -> None:
    if shipment.offer:
        raise ShipmentAlreadyDispatched("The shipment has left, or is about to.")


def _split(command: SplitShipment, shipment: Shipment, consignment: Consignment) -> list[AnyShipmentEvent]:
    if command.split_id in consignment.shipments:
        return []
    _require_here(shipment)
    if shipment.status == "cancelled":
        raise ShipmentNotSplittable("The shipment is cancelled.")
    if len(consignment.shipments) >= MAX_SHIPMENTS:
        raise TooManyShipments(f"An order is sent in at most {MAX_SHIPMENTS} shipments.")
    _require_part(command.items, shipment)
    split = {**_whose(shipment), "shipment_id": command.split_id, "from_shipment_id": shipment.shipment_id}
    return [ShipmentSplit(**split, items=command.items, at=command.at)]


def _require_part(items: tuple[ShippedItem, ...], shipment: Shipment) -> None:
    there = {item.sku: item.quantity for item in shipment.items}
    for position, item in enumerate(items):
        if item.sku not in there:
            raise NotInShipment(f"{item.sku} is not in this shipment.", field=f"items.{position}.sku")
        if item.quantity > there[item.sku]:
            message = f"There is no more than {there[item.sku]} of {item.sku} in this shipment."
            raise NotInShipment(message, field=f"items.{position}.quantity")
    if {item.sku: item.quantity for item in items} == there:
        raise NothingLeft("Something has to stay in the shipment.", field="items")


def _request_dispatch(command: RequestDispatch, shipment: Shipment) -> list[AnyShipmentEvent]:
    require_dispatchable(shipment)
    if shipment.offer:
        return []
    if command.items != shipment.items:
        raise ShipmentChanged("The shipment has been split meanwhile. Look at it again.")
    return [DispatchRequested(**_it(shipment), offer=command.offer, at=command.at)]


def _abandon_dispatch(command: AbandonDispatch, shipment: Shipment) -> list[AnyShipmentEvent]:
    if shipment.offer is None or shipment.dispatched:
        return []
    return [DispatchAbandoned(**_it(shipment), reason=command.reason, at=command.at)]


def _complete_dispatch(command: CompleteDispatch, shipment: Shipment) -> list[AnyShipmentEvent]:
    require_dispatchable(shipment)
    if shipment.dispatched:
        return []
    label = command.label.model_dump(exclude={"news"})
    return [ShipmentDispatched(**_whose(shipment), **label, items=shipment.items, at=command.at)]


def require_dispatchable(shipment: Shipment) -> None:
    if shipment.status == "cancelled":
        raise ShipmentNotDispatchable("The shipment is cancelled.")


def _track(command: TrackShipment, shipment: Shipment) -> list[AnyShipmentEvent]:
    """What of it is news, each judged after those before it."""
    happened: list[AnyShipmentEvent] = []
    for news in command.news:
        if shipment.dispatched and not shipment.has_ended and is_news(news, shipment.history):
            happened.append(_told(news, shipment, command.at))
            shipment = _after(shipment, happened[-1])
    return happened


def _told(news: News, shipment: Shipment, at: datetime) -> AnyShipmentEvent:
    scan = {**_whose(shipment), "location": news.location, "occurred_at": news.occurred_at or at, "at": at}
    match news.status:
        case "delivered":
            return ShipmentDelivered(**scan)
        case "failed":
            return ShipmentFailed(**scan, cause=news.cause)
        case "returned":
            return ShipmentReturned(**scan, cause=news.cause)
        case _:
            return ShipmentTracked(**scan, status=news.status)


def evolve(consignment: Consignment | None, event: AnyShipmentEvent) -> Consignment:
    known = dict(consignment.shipments) if consignment else {}
    match event:
        case ShipmentCreated():
            known[event.shipment_id] = Shipment(event.shipment_id, event, event.items, (Scan(event.at, "created"),))
        case ShipmentSplit():
            whole = known[event.from_shipment_id]
            known[whole.shipment_id] = replace(whole, items=_without(whole.items, event.items))
            known[event.shipment_id] = Shipment(
                event.shipment_id, whole.created, event.items, (Scan(event.at, "created"),)
            )
        case _ if event.shipment_id in known:
            known[event.shipment_id] = _after(known[event.shipment_id], event)
    return Consignment(known)


def _without(items: tuple[ShippedItem, ...], gone: tuple[ShippedItem, ...]) -> tuple[ShippedItem, ...]:
    taken = {item.sku: item.quantity for item in gone}
    left = (ShippedItem(sku=item.sku, quantity=item.quantity - taken.get(item.sku, 0)) for item in items)
    return tuple(item for item in left if item.quantity)


def _after(shipment: Shipment, event: AnyShipmentEvent) -> Shipment:
    match event:
        case DispatchRequested():
            return replace(shipment, offer=event.offer)
        case DispatchAbandoned():
            return replace(shipment, offer=None, abandoned=True)
        case ShipmentDispatched():
            return replace(_seen(shipment, Scan(event.at, "dispatched")), dispatched=event)
        case ShipmentTracked():
            return _seen(shipment, Scan(event.occurred_at, event.status, event.location))
        case ShipmentDelivered():
            return _seen(shipment, Scan(event.occurred_at, "delivered", event.location))
        case ShipmentFailed():
            return _seen(shipment, Scan(event.occurred_at, "failed", event.location))
        case ShipmentReturned():
            return replace(_seen(shipment, Scan(event.occurred_at, "failed", event.location)), returned=True)
        case ShipmentCancelled():
            return _seen(shipment, Scan(event.at, "cancelled"))
        case ShipmentCreated() | ShipmentSplit():
            return shipment
        case _:
            assert_never(event)


def _seen(shipment: Shipment, scan: Scan) -> Shipment:
    return replace(shipment, history=(*shipment.history, scan))


decider: Decider[ShipmentCommand, Consignment | None, AnyShipmentEvent] = Decider(None, decide, evolve)
