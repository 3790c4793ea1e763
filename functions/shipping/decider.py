"""The rules of a shipment. Pure: no clock, no random ids, no AWS, no carrier.

    created ─▶ dispatched ─▶ in_transit ─▶ out_for_delivery ─▶ delivered, failed
       │
       └─▶ cancelled

A shipment whose label is being bought still is `created`, but cannot be cancelled any more: the label may be there.
News may skip a step and never go back; delivered and failed are final.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from common.domain.decider import Decider
from common.domain.errors import Conflict, NotFound
from shipping.commands import (
    AbandonDispatch,
    CancelShipment,
    CompleteDispatch,
    CreateShipment,
    News,
    RequestDispatch,
    ShipmentCommand,
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
    ShipmentTracked,
)

Status = Literal["created", "dispatched", "in_transit", "out_for_delivery", "delivered", "failed", "cancelled"]
ORDER_OF_NEWS: dict[Status, int] = {
    "dispatched": 0,
    "in_transit": 1,
    "out_for_delivery": 2,
    "delivered": 3,
    "failed": 3,
}
FINAL = ("delivered", "failed")


@dataclass(frozen=True)
class Scan:
    at: datetime
    status: Status
    location: str | None = None


@dataclass(frozen=True)
class Shipment:
    created: ShipmentCreated
    history: tuple[Scan, ...]
    offer: Offer | None = None  # at which a label is being bought, or was
    abandoned: bool = False  # the provider has refused to sell one before
    dispatched: ShipmentDispatched | None = None

    @property
    def status(self) -> Status:
        return self.history[-1].status


@dataclass(frozen=True)
class NeverCreated:
    """Cancelled before it was created."""


class ShipmentNotDispatchable(Conflict): ...


class ShipmentAlreadyDispatched(Conflict): ...


def decide(command: ShipmentCommand, shipment: Shipment | NeverCreated | None) -> list[AnyShipmentEvent]:
    """Return what happens, or [] if it already has, or raise if it may not."""
    match command:
        case CreateShipment():  # a cancelled order needs none
            return [] if shipment else [ShipmentCreated(shipment_id=command.shipment_id, **command.model_dump())]
        case CancelShipment():
            return _cancel(command, shipment)
    if not isinstance(shipment, Shipment):
        raise NotFound("There is no such shipment.")
    match command:
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


def _of(shipment: Shipment) -> dict[str, str]:
    created = shipment.created
    return {"shipment_id": created.shipment_id, "order_id": created.order_id, "customer_id": created.customer_id}


def _cancel(command: CancelShipment, shipment: Shipment | NeverCreated | None) -> list[AnyShipmentEvent]:
    cancelled = ShipmentCancelled(shipment_id=command.shipment_id, order_id=command.order_id, at=command.at)
    match shipment:
        case None:
            return [cancelled]
        case NeverCreated() | Shipment(status="cancelled"):
            return []
        case Shipment(status="created", offer=None):
            return [cancelled]
        case _:
            raise ShipmentAlreadyDispatched("The shipment has left, or is about to.")


def _request_dispatch(command: RequestDispatch, shipment: Shipment) -> list[AnyShipmentEvent]:
    require_dispatchable(shipment)
    if shipment.offer:
        return []
    whose = {name: value for name, value in _of(shipment).items() if name != "customer_id"}
    return [DispatchRequested(**whose, offer=command.offer, at=command.at)]


def _abandon_dispatch(command: AbandonDispatch, shipment: Shipment) -> list[AnyShipmentEvent]:
    if shipment.offer is None or shipment.dispatched:
        return []
    created = shipment.created
    return [
        DispatchAbandoned(
            shipment_id=created.shipment_id, order_id=created.order_id, reason=command.reason, at=command.at
        )
    ]


def _complete_dispatch(command: CompleteDispatch, shipment: Shipment) -> list[AnyShipmentEvent]:
    require_dispatchable(shipment)
    if shipment.dispatched:
        return []
    label = command.label.model_dump(exclude={"news"})
    return [ShipmentDispatched(**_of(shipment), **label, items=shipment.created.items, at=command.at)]


def require_dispatchable(shipment: Shipment) -> None:
    if shipment.status == "cancelled":
        raise ShipmentNotDispatchable("The shipment is cancelled.")


def _track(command: TrackShipment, shipment: Shipment) -> list[AnyShipmentEvent]:
    news = command.news
    if not shipment.dispatched or shipment.status in FINAL or not _is_newer(news, shipment.history[-1]):
        return []
    scan = {**_of(shipment), "location": news.location, "occurred_at": news.occurred_at or command.at}
    match news.status:
        case "delivered":
            return [ShipmentDelivered(**scan, at=command.at)]
        case "failed":
            return [ShipmentFailed(**scan, cause=news.cause, at=command.at)]
        case _:
            return [ShipmentTracked(**scan, status=news.status, at=command.at)]


def _is_newer(news: News, last: Scan) -> bool:
    """A further step is; so is another scan at the same step, later by the carrier's clock."""
    if news.status == last.status:
        return news.occurred_at is not None and news.occurred_at > last.at
    return ORDER_OF_NEWS[news.status] > ORDER_OF_NEWS[last.status]


def evolve(shipment: Shipment | NeverCreated | None, event: AnyShipmentEvent) -> Shipment | NeverCreated:
    if isinstance(event, ShipmentCreated):
        return Shipment(event, (Scan(event.at, "created"),))
    if not isinstance(shipment, Shipment):
        return NeverCreated()
    match event:
        case DispatchRequested():
            return replace(shipment, offer=event.offer)
        case DispatchAbandoned():
            return replace(shipment, offer=None, abandoned=True)
        case ShipmentDispatched():
            return replace(_seen(shipment, event.at, "dispatched"), dispatched=event)
        case ShipmentTracked():
            return _seen(shipment, event.occurred_at, event.status, event.location)
        case ShipmentDelivered():
            return _seen(shipment, event.occurred_at, "delivered", event.location)
        case ShipmentFailed():
            return _seen(shipment, event.occurred_at, "failed", event.location)
        case ShipmentCancelled():
            return _seen(shipment, event.at, "cancelled")
        case _:
            assert_never(event)


def _seen(shipment: Shipment, at: datetime, status: Status, location: str | None = None) -> Shipment:
    return replace(shipment, history=(*shipment.history, Scan(at, status, location)))


AnyShipment = Shipment | NeverCreated | None
decider: Decider[ShipmentCommand, AnyShipment, AnyShipmentEvent] = Decider(None, decide, evolve)
