"""What order makes of the events it hears: prices, facts for the timeline, lists, and a push to what waits.

A batch is folded: an order is read once and listed once, and what others told of it is one row.
"""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from common.domain.errors import DomainError
from common.domain.message import Message, Origin
from common.entrypoint.observability import count
from order import bootstrap
from order.commands import CancelOrderRequest, DeliverOrder, Parcel, ParkOrder, ResumeOrder
from order.events import OrderCancelRequested, OrderParked, OrderPlaced
from order.queries import Started, Watched
from order.refusals import NotCancellable
from order.returns.events import ReturnApproved, ReturnReceived, ReturnRejected

PATIENCE = timedelta(minutes=2)  # a saga that takes longer is started again
STAFF_SPOKE = (ReturnApproved.__name__, ReturnRejected.__name__, ReturnReceived.__name__)
DISPATCHED = "ShipmentDispatched"
NEEDS_ATTENTION = "OrderNeedsAttention"  # an alarm counts it


def hear_all(messages: Sequence[Message]) -> None:
    """Every branch may run twice, in any order and any company: each write is gated or the same again."""
    bootstrap.facts().keep(message for message in messages if message.source not in ("catalog", "order"))
    of_orders: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        if message.source == "catalog":
            bootstrap.catalogue().learn(message)
        elif message.source == "order" or message.type == DISPATCHED:
            of_orders[message.data["order_id"]].append(message)
        _act_on(message)
    for order_id, about in of_orders.items():
        _follow(order_id, about)


def _follow(order_id: str, about: Sequence[Message]) -> None:
    """List it as it is now, and watch over the sagas that are not done by now."""
    handled = bootstrap.orders().version(order_id)
    assert handled.state, "an order that speaks exists"
    if any(message.source == "order" for message in about):
        bootstrap.index().show(handled.state, handled.version)
    for message in about:
        started = _started(message)
        if started and not handled.state.is_done_with(started.saga, started.part):
            bootstrap.watch().over(started)
        if message.type in STAFF_SPOKE:
            bootstrap.waiting().tell(handled.state.returns[message.data["return_id"]])
        if message.type == OrderParked.__name__:
            count(NEEDS_ATTENTION)


def _started(message: Message) -> Started | None:
    order_id, at, data = message.data["order_id"], message.time, message.data
    match message.type:
        case OrderPlaced.__name__ | OrderCancelRequested.__name__:
            return Started(order_id, data["saga"], at)
        case "ShipmentDispatched":
            return Started(order_id, "fulfil_order", at, parcel=Parcel.model_validate(data))
        case ReturnReceived.__name__:
            return Started(order_id, "return_order", at, return_id=data["return_id"])
    return None


def _act_on(message: Message) -> None:
    because, at, data = message.because("order.consumer"), message.time, message.data
    match message.type:
        case "PaymentActionSettled":
            resume = ResumeOrder(order_id=data["order_id"], saga="place_order", at=at)
            bootstrap.orders().handle(resume.order_id, resume, because)
        case "ShipmentCancelled":  # who cancelled the order may not have come to write it down (`departures`)
            cancel = CancelOrderRequest(order_id=data["order_id"], reason=data.get("reason"), dispatched=False, at=at)
            with suppress(NotCancellable):  # it has ended, or its money goes back though goods have left
                bootstrap.orders().handle(cancel.order_id, cancel, because)
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
    started = watched.started
    order = bootstrap.orders().state(started.order_id)
    if order is None or not order.waits_for(started.saga, started.part):
        bootstrap.watch().done(watched)
        return
    again = ResumeOrder(
        order_id=started.order_id,
        saga=started.saga,
        patience=int(PATIENCE.total_seconds()),
        parcel=started.parcel,
        return_id=started.return_id,
        at=at,
    )
    bootstrap.orders().handle(again.order_id, again, origin)
