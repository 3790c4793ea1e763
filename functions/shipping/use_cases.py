"""What is done with shipments: split and dispatched by staff, tracked by the carrier's news; and what sending costs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from common.domain.errors import Unavailable
from common.domain.message import Origin
from common.domain.money import CurrenciesDiffer
from common.domain.sealed import PersonErased
from common.domain.shipping_rates import total_grams
from common.entrypoint.idempotency import Remember, answer
from common.entrypoint.observability import count
from common.infrastructure.idempotency import Answer
from common.infrastructure.transaction import Write
from shipping import bootstrap
from shipping.commands import (
    AbandonDispatch,
    CompleteDispatch,
    Label,
    News,
    RequestDispatch,
    SplitShipment,
    TrackShipment,
    consignment_of,
    consignment_with,
)
from shipping.decider import Consignment, Shipment, require_dispatchable, the_shipment
from shipping.easypost import LabelRefused, Tracker
from shipping.events import AnyShipmentEvent, Destination, Offer, ShippedItem
from shipping.queries import ShipmentView, ShippingOption, SoldProduct

DEFAULT_CURRENCY = "EUR"  # for things that we do not know


def options(country: str, items: Sequence[ShippedItem]) -> list[ShippingOption]:
    """Each method with its price, the cheapest first. Raise CurrenciesDiffer for things that no order can hold."""
    rates, known = bootstrap.shipping_rates(), bootstrap.products().of(item.sku for item in items)
    grams = _grams(items, known)
    currency = _one_currency({product.currency for product in known.values()})
    found = [
        ShippingOption(
            method=method,
            price=rates.price(method, country, grams, currency),
            estimated_days=rates.days(method, country),
        )
        for method in rates.services
    ]
    return sorted(found, key=lambda option: option.price.amount)


def _grams(items: Sequence[ShippedItem], known: Mapping[str, SoldProduct]) -> int:
    return total_grams(((it.sku, it.quantity) for it in items), {sku: one.grams for sku, one in known.items()})


def _one_currency(currencies: set[str]) -> str:
    if len(currencies) > 1:
        raise CurrenciesDiffer("An order has one currency.", field="items")
    return next(iter(currencies), DEFAULT_CURRENCY)


def find(shipment_id: str) -> Shipment:
    return the_shipment(bootstrap.shipments().state(consignment_with(shipment_id)), shipment_id)


def of_order(order_id: str) -> list[Shipment]:
    """As they stand now, the first one first."""
    consignment = bootstrap.shipments().state(consignment_of(order_id))
    return list(consignment.shipments.values()) if consignment else []


def split(
    shipment_id: str, split_id: str, items: Sequence[ShippedItem], at: datetime, origin: Origin, remember: Remember
) -> Answer:
    """Some of its items leave a shipment, to go by themselves. The answer is the new shipment."""

    def along(state: Consignment | None, events: Sequence[AnyShipmentEvent], version: int) -> Sequence[Write]:
        return [remember(_made(the_shipment(state, split_id)))]

    command = SplitShipment(shipment_id=shipment_id, split_id=split_id, items=tuple(items), at=at)
    state = bootstrap.shipments().handle(consignment_with(shipment_id), command, origin, also=along).state
    return _made(the_shipment(state, split_id))


def dispatch(shipment_id: str, at: datetime, origin: Origin, remember: Remember) -> Answer:
    """Buy one label and say so, however often it is tried and wherever it was interrupted.

    1. The provider learns of the parcel, which costs nothing.
    2. Our stream names the one parcel whose label is bought: whoever tries at the same time goes on with the same.
    3. The provider sells that label once.
    4. The shipment is dispatched, in one transaction with the answer to this request.

    Whoever is told that the provider does not answer may ask again, and need not: the sweeper does.
    """
    shipment = find(shipment_id)
    if shipment.dispatched:
        return _told(shipment)
    offer = shipment.offer or _request(shipment, at, origin)
    try:
        label = _label(shipment_id, offer, at, origin)
    except Unavailable:
        bootstrap.doubts().note(shipment_id)
        raise
    return _complete(shipment_id, label, at, origin, remember)


def settle_doubts(at: datetime, origin: Origin) -> None:
    """Finish what was begun when the provider did not answer. While it still does not, all is left for next time."""
    for shipment_id in bootstrap.doubts().all():
        shipment = find(shipment_id)
        if shipment.offer and not shipment.dispatched:
            try:
                _complete(shipment_id, _label(shipment_id, shipment.offer, at, origin), at, origin)
            except Unavailable:
                return
            except LabelRefused:
                count("LabelRefused")  # the shipment is here again, for staff to see
        bootstrap.doubts().settled(shipment_id)


def _request(shipment: Shipment, at: datetime, origin: Origin) -> Offer:
    require_dispatchable(shipment)
    to, shipment_id = shipment.created, shipment.shipment_id
    grams = _grams(shipment.items, bootstrap.products().of(item.sku for item in shipment.items))
    destination = bootstrap.person_keys().open(to.shipping_address, Destination)
    if destination is None:
        raise PersonErased("The customer has been erased: nobody knows where it goes.")
    offer = bootstrap.carrier().offer(shipment_id, destination, to.shipping_method, grams, anew=shipment.abandoned)
    command = RequestDispatch(shipment_id=shipment_id, items=shipment.items, offer=offer, at=at)
    state = bootstrap.shipments().handle(consignment_with(shipment_id), command, origin).state
    return the_shipment(state, shipment_id).offer or offer


def _label(shipment_id: str, offer: Offer, at: datetime, origin: Origin) -> Label:
    try:
        return bootstrap.carrier().buy(offer)
    except LabelRefused as refusal:
        command = AbandonDispatch(shipment_id=shipment_id, reason=refusal.reason, at=at)
        bootstrap.shipments().handle(consignment_with(shipment_id), command, origin)
        raise


def _complete(shipment_id: str, label: Label, at: datetime, origin: Origin, remember: Remember | None = None) -> Answer:
    def along(state: Consignment | None, events: Sequence[AnyShipmentEvent], version: int) -> Sequence[Write]:
        assigned = bootstrap.tracking_numbers().assign(label.tracking_number, shipment_id)
        answered = [remember(_told(the_shipment(state, shipment_id)))] if remember else []
        return [*answered, assigned]

    command = CompleteDispatch(shipment_id=shipment_id, label=label, at=at)
    state = bootstrap.shipments().handle(consignment_with(shipment_id), command, origin, also=along).state
    _tell(shipment_id, label.news, at, origin)
    return _told(the_shipment(state, shipment_id))


def track(tracker: Tracker, at: datetime, origin: Origin) -> None:
    """News of a parcel. A tracking number that is not ours is left alone."""
    if shipment_id := bootstrap.tracking_numbers().shipment(tracker.tracking_code):
        _tell(shipment_id, tracker.news(), at, origin)


def _tell(shipment_id: str, news: tuple[News, ...], at: datetime, origin: Origin) -> None:
    if news:
        command = TrackShipment(shipment_id=shipment_id, news=news, at=at)
        bootstrap.shipments().handle(consignment_with(shipment_id), command, origin)


def _told(shipment: Shipment) -> Answer:
    return answer(HTTPStatus.OK, ShipmentView.of(shipment, for_staff=True))


def _made(shipment: Shipment) -> Answer:
    location = {"Location": f"/shipments/{shipment.shipment_id}"}
    return answer(HTTPStatus.CREATED, ShipmentView.of(shipment, for_staff=True), location)
