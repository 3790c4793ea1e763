"""What order makes of the events it hears: prices, facts for the timeline, lists, and a push to what waits."""

from datetime import datetime, timedelta

from common.domain.errors import DomainError
from common.domain.message import Message, Origin
from common.entrypoint.observability import count
from order import bootstrap
from order.commands import DeliverOrder, Parcel, ParkOrder, ResumeOrder
from order.events import OrderCancelRequested, OrderParked, OrderPlaced
from order.queries import Watched
from order.returns.events import ReturnApproved, ReturnReceived, ReturnRejected

PATIENCE = timedelta(minutes=2)  # a saga that takes longer is started again
STAFF_SPOKE = (ReturnApproved.__name__, ReturnRejected.__name__, ReturnReceived.__name__)
NEEDS_ATTENTION = "OrderNeedsAttention"  # an alarm counts it


def hear(message: Message) -> None:
    """Every branch may run twice and in any order: each write is gated or the same again."""
    match message.source:
        case "catalog":
            bootstrap.catalogue().learn(message)
        case "order":
            _hear_own(message)
        case _:
            bootstrap.facts().keep(message)
            _hear_foreign(message)


def _hear_own(message: Message) -> None:
    order_id = message.data["order_id"]
    handled = bootstrap.orders().version(order_id)
    assert handled.state, "an order that speaks exists"
    bootstrap.index().show(handled.state, handled.version)
    if message.type in (OrderPlaced.__name__, OrderCancelRequested.__name__):
        bootstrap.watch().over(order_id, message.data["saga"], message.time)
    if message.type == ReturnReceived.__name__:
        bootstrap.watch().over(order_id, "return_order", message.time, return_id=message.data["return_id"])
    if message.type in STAFF_SPOKE:
        bootstrap.waiting().tell(handled.state.returns[message.data["return_id"]])
    if message.type == OrderParked.__name__:
        count(NEEDS_ATTENTION)


def _hear_foreign(message: Message) -> None:
    because, at, data = message.because("order.consumer"), message.time, message.data
    match message.type:
        case "PaymentActionSettled":
            resume = ResumeOrder(order_id=data["order_id"], saga="place_order", at=at)
            bootstrap.orders().handle(resume.order_id, resume, because)
        case "ShipmentDispatched":
            bootstrap.watch().over(data["order_id"], "fulfil_order", at, parcel=Parcel.model_validate(data))
        case "ShipmentDelivered":
            deliver = DeliverOrder(order_id=data["order_id"], shipment_id=data["shipment_id"], at=at)
            bootstrap.orders().handle(deliver.order_id, deliver, because)
        case "PaymentVoided" if data.get("lapsed"):  # what is sent now is not paid for
            park = ParkOrder(order_id=data["order_id"], cause="PaymentLapsed", at=at)
            bootstrap.orders().handle(park.order_id, park, because)
        case "ShipmentFailed" | "ShipmentReturned":
            park = ParkOrder(order_id=data["order_id"], cause=message.type, shipment_id=data["shipment_id"], at=at)
            bootstrap.orders().handle(park.order_id, park, because)


def sweep(at: datetime, origin: Origin) -> None:
    """Start again the sagas that stand still; forget those that have ended. One that fails does not keep the others.

    What is parked stays on the list, so that it is watched again once staff have it go on.
    """
    failed: list[DomainError] = []
    for watched in bootstrap.watch().due(at - PATIENCE):
        try:
            _look_at(watched, at, origin)
        except DomainError as error:
            failed.append(error)
    if failed:
        raise ExceptionGroup("some orders could not be looked at", failed)


def _look_at(watched: Watched, at: datetime, origin: Origin) -> None:
    order = bootstrap.orders().state(watched.order_id)
    if order is None or not order.waits_for(watched.saga, watched.part):
        bootstrap.watch().done(watched)
        return
    again = ResumeOrder(
        order_id=watched.order_id,
        saga=watched.saga,
        patience=int(PATIENCE.total_seconds()),
        parcel=watched.parcel,
        return_id=watched.return_id,
        at=at,
    )
    bootstrap.orders().handle(again.order_id, again, origin)
