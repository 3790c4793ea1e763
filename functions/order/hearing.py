"""What order makes of the events it hears: prices, facts for the timeline, lists, and a push to what waits."""

from datetime import datetime, timedelta

from common.domain.message import Message, Origin
from order import bootstrap
from order.commands import DeliverOrder, ParkOrder, ResumeOrder
from order.events import OrderCancelRequested, OrderPlaced

PATIENCE = timedelta(minutes=2)  # a saga that takes longer is started again


def hear(message: Message) -> None:
    """Every branch may run twice and in any order: each write is gated or the same again."""
    match message.source:
        case "catalog":
            bootstrap.prices().learn(message)
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


def _hear_foreign(message: Message) -> None:
    because, at, data = message.because("order.consumer"), message.time, message.data
    match message.type:
        case "PaymentActionSettled":
            command = ResumeOrder(order_id=data["order_id"], saga="place_order", at=at)
            bootstrap.orders().handle(command.order_id, command, because)
        case "ShipmentDispatched":
            parcel = {name: data[name] for name in ("shipment_id", "carrier", "tracking_number")}
            bootstrap.watch().over(data["order_id"], "fulfil_order", at, **parcel)
        case "ShipmentDelivered":
            bootstrap.orders().handle(data["order_id"], DeliverOrder(order_id=data["order_id"], at=at), because)
        case "ShipmentFailed":
            command_ = ParkOrder(order_id=data["order_id"], cause="the shipment failed", at=at)
            bootstrap.orders().handle(command_.order_id, command_, because)


def sweep(at: datetime, origin: Origin) -> None:
    """Start again the sagas that stand still; forget those that have ended."""
    for row in bootstrap.watch().due(at - PATIENCE):
        order = bootstrap.orders().state(row["order_id"])
        if order is None or not order.waits_for(row["saga"]):
            bootstrap.watch().done(row)
            continue
        parcel = {name: row.get(name) for name in ("shipment_id", "carrier", "tracking_number")}
        again = ResumeOrder(
            order_id=row["order_id"], saga=row["saga"], patience=int(PATIENCE.total_seconds()), at=at, **parcel
        )
        bootstrap.orders().handle(again.order_id, again, origin)
