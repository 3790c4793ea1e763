"""What is done with orders over HTTP: priced, placed, and changed by a keyed request that is answered once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from common.application.command_handler import Handled, again_if_outrun
from common.domain.errors import ConcurrentWrite
from common.domain.message import Origin
from common.entrypoint.idempotency import Remember, answer, once
from common.infrastructure.idempotency import Answer, KeyedRequest
from common.infrastructure.transaction import Write
from order import bootstrap
from order.catalogue import Known
from order.commands import CancelOrderRequest, CompensateOrder, OperatorCommand, PlaceOrder
from order.coupon import CouponBusy, CouponUsedUp
from order.decider import decide
from order.events import Address, AnyOrderEvent, OrderCancelRequested, Priced
from order.facts import Told
from order.pricing import HOME, Terms, price
from order.requests import OrderContents, QuoteRequest
from order.state import Order
from order.views import OrderView

Cancellation = CancelOrderRequest | CompensateOrder

ATTEMPTS = 4  # at counting a coupon that many use at once, with the command handler's own five in each


def terms(body: OrderContents) -> Terms:
    """What an order of it is priced by."""
    return _terms(_known(body))


def quote(body: QuoteRequest, at: datetime) -> Priced:
    known = _known(body)
    if known.coupon and known.coupon.max_uses is not None and known.used >= known.coupon.max_uses:
        raise CouponUsedUp("This coupon is used up.")
    country = body.shipping_address.country if body.shipping_address else HOME
    return price(body.items, _terms(known), method=body.shipping_method, country=country, coupon=body.coupon, at=at)


def _known(body: OrderContents) -> Known:
    return bootstrap.catalogue().of([item.sku for item in body.items], body.coupon)


def _terms(known: Known) -> Terms:
    tables = bootstrap.price_settings()
    return Terms(
        prices=known.prices, coupon=known.coupon, tax_rates=tables.tax_rates, shipping_rates=tables.shipping_rates
    )


def place(command: PlaceOrder, origin: Origin) -> Handled[Order | None, AnyOrderEvent]:
    """Raise CouponBusy when too many use its coupon at this moment."""
    try:
        return again_if_outrun(lambda: bootstrap.orders().handle(command.order_id, command, origin), ATTEMPTS)
    except ConcurrentWrite as error:
        raise CouponBusy("Many use this coupon right now. Try again.") from error


def cancelled_once(keyed: KeyedRequest, command: Cancellation, told: Told, origin: Origin) -> Response[OrderView]:
    """As `answered_once`, after shipping has agreed: a 202 is not taken back, unless shipping was silent."""
    return answered_once(keyed, lambda: _stopped(command, origin), told, origin)


def _stopped(command: Cancellation, origin: Origin) -> Cancellation:
    """Have shipping keep the goods, if the order may be cancelled at all and they are here as far as it knows."""
    order = bootstrap.orders().state(command.order_id)
    wanted = [event for event in decide(command, order) if isinstance(event, OrderCancelRequested)]
    if not wanted or wanted[0].goods_left:
        return command
    left = bootstrap.departures().prevent(command.order_id, command.reason, command.at, origin)
    return command.model_copy(update={"dispatched": left})


def answered_once(
    keyed: KeyedRequest, wanted: Callable[[], CancelOrderRequest | OperatorCommand], told: Told, origin: Origin
) -> Response[OrderView]:
    """202 with the order as it is after the command. The answer is kept in the transaction of what happened."""

    def use_case(remember: Remember) -> Answer:
        command, given = wanted(), list[Answer]()

        def remembered(order: Order | None, events: Sequence[AnyOrderEvent], version: int) -> Sequence[Write]:
            given.append(_answer(order, version, told))
            return [remember(given[-1])]

        order, _, version = bootstrap.orders().handle(command.order_id, command, origin, also=remembered)
        return given[-1] if given else _answer(order, version, told)

    return once(bootstrap.records(), keyed, OrderView, use_case)


def _answer(order: Order | None, version: int, told: Told) -> Answer:
    assert order, "the decider refuses what is not there"
    return answer(HTTPStatus.ACCEPTED, view(order, version, told), about=order.placed.customer_id)


def view(order: Order, version: int, told: Told | None = None) -> OrderView:
    address = bootstrap.person_keys().open(order.placed.shipping_address, Address)
    return OrderView.of(order, version, address, told)
