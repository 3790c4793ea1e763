"""What is done with shipments: dispatched by staff, tracked by the carrier's news; and what sending would cost."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from common.domain.errors import NotFound
from common.domain.message import Origin
from common.domain.money import CurrenciesDiffer
from common.domain.shipping_rates import total_grams
from common.entrypoint.idempotency import Remember, answer
from common.infrastructure.idempotency import Answer
from common.infrastructure.transaction import Write
from shipping import bootstrap
from shipping.commands import (
    AbandonDispatch,
    CompleteDispatch,
    Label,
    News,
    RequestDispatch,
    TrackShipment,
)
from shipping.decider import AnyShipment, Shipment, require_dispatchable
from shipping.easypost import LabelRefused, Tracker
from shipping.events import AnyShipmentEvent, Offer, ShippedItem
from shipping.queries import ShipmentView, ShippingOption

DEFAULT_CURRENCY = "EUR"  # for things that we do not know


def options(country: str, items: Sequence[ShippedItem]) -> list[ShippingOption]:
    """Each method with its price, the cheapest first. Raise CurrenciesDiffer for things that no order can hold."""
    rates, known = bootstrap.shipping_rates(), bootstrap.products().of(item.sku for item in items)
    grams = total_grams(((item.sku, item.quantity) for item in items), {sku: it.grams for sku, it in known.items()})
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


def _one_currency(currencies: set[str]) -> str:
    if len(currencies) > 1:
        raise CurrenciesDiffer("An order has one currency.", field="items")
    return next(iter(currencies), DEFAULT_CURRENCY)


def find(shipment_id: str) -> Shipment:
    return _created(bootstrap.shipments().state(shipment_id))


def dispatch(shipment_id: str, at: datetime, origin: Origin, remember: Remember) -> Answer:
    """Buy one label and say so, however often it is tried and wherever it was interrupted.

    1. The provider learns of the parcel, which costs nothing.
    2. Our stream names the one parcel whose label is bought: whoever tries at the same time goes on with the same.
    3. The provider sells that label once.
    4. The shipment is dispatched, in one transaction with the answer to this request.
    """
    shipment = find(shipment_id)
    if shipment.dispatched:
        return _told(shipment)
    offer = shipment.offer or _request(shipment, at, origin)
    return _complete(shipment_id, _label(shipment_id, offer, at, origin), at, origin, remember)


def _request(shipment: Shipment, at: datetime, origin: Origin) -> Offer:
    require_dispatchable(shipment)
    created = shipment.created
    offer = bootstrap.carrier().offer(
        created.shipment_id, created.shipping_address, created.shipping_method, anew=shipment.abandoned
    )
    command = RequestDispatch(shipment_id=created.shipment_id, offer=offer, at=at)
    requested = _created(bootstrap.shipments().handle(created.shipment_id, command, origin).state)
    return requested.offer or offer


def _label(shipment_id: str, offer: Offer, at: datetime, origin: Origin) -> Label:
    try:
        return bootstrap.carrier().buy(offer)
    except LabelRefused as refusal:
        command = AbandonDispatch(shipment_id=shipment_id, reason=refusal.reason, at=at)
        bootstrap.shipments().handle(shipment_id, command, origin)
        raise


def _complete(shipment_id: str, label: Label, at: datetime, origin: Origin, remember: Remember) -> Answer:
    def along(state: AnyShipment, events: Sequence[AnyShipmentEvent], version: int) -> Sequence[Write]:
        assigned = bootstrap.tracking_numbers().assign(label.tracking_number, shipment_id)
        return [remember(_told(_created(state))), assigned]

    command = CompleteDispatch(shipment_id=shipment_id, label=label, at=at)
    dispatched = _created(bootstrap.shipments().handle(shipment_id, command, origin, also=along).state)
    if label.news:
        _tell(shipment_id, label.news, at, origin)
    return _told(dispatched)


def track(tracker: Tracker, at: datetime, origin: Origin) -> None:
    """News of a parcel. A tracking number that is not ours is left alone."""
    news, shipment_id = tracker.news(), bootstrap.tracking_numbers().shipment(tracker.tracking_code)
    if news and shipment_id:
        _tell(shipment_id, news, at, origin)


def _tell(shipment_id: str, news: News, at: datetime, origin: Origin) -> None:
    command = TrackShipment(shipment_id=shipment_id, news=news, at=at)
    bootstrap.shipments().handle(shipment_id, command, origin)


def _told(shipment: Shipment) -> Answer:
    return answer(HTTPStatus.OK, ShipmentView.of(shipment, for_staff=True))


def _created(shipment: AnyShipment) -> Shipment:
    if not isinstance(shipment, Shipment):
        raise NotFound("There is no such shipment.")
    return shipment
