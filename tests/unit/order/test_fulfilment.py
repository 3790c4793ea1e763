"""An order leaves and arrives in parts: what each costs, and when it is shipped and delivered."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from order.commands import ChargeShipment, DeliverOrder, RefuseCancel, ShipOrder
from order.coupon import Coupon
from order.decider import decider
from order.events import (
    OrderCancelled,
    OrderCancelRefused,
    OrderConfirmed,
    OrderDelivered,
    OrderPartDelivered,
    OrderPartShipped,
    OrderPlaced,
    OrderShipped,
    Purchase,
    ShipmentCharged,
    Units,
)
from order.fulfilment import charge_of
from order.pricing import Price, price
from order.refusals import NotCancellable, NotInTheOrder, OrderNotOpen
from tests.unit.order.given import CANCELLING, IT, NOW, PLACED, SAME, WHOSE, but, cancel, euro, terms


def confirmed(placed):
    purchase = {name: getattr(placed, name) for name in Purchase.model_fields}
    return OrderConfirmed(order_id="ord_1", payment_id="pay_1", at=NOW, **purchase)


def placed(lines, coupon=None):
    """An order of `lines`: SKU to (price, quantity)."""
    prices = {sku: Price(name=sku, unit_price=euro(amount)) for sku, (amount, _) in lines.items()}
    items = [Units(sku=sku, quantity=quantity) for sku, (_, quantity) in lines.items()]
    code = coupon.code if coupon else None
    priced = price(items, terms(prices, coupon), method="standard", country="DE", coupon=code, at=NOW)
    return OrderPlaced(**SAME, **dict(priced))


def units(**quantities):
    return tuple(Units(sku=sku, quantity=quantity) for sku, quantity in quantities.items())


THREE = placed({"mug": (750, 2), "cup": (333, 1)})  # 18.33 net, 4.90 shipping, 4.41 tax: 27.64
GIVEN = [THREE, confirmed(THREE)]
ONE_MUG, REST = units(mug=1), units(mug=1, cup=1)
FIRST = {"shipment_id": "shp_1", "carrier": "DHL", "tracking_number": "T1"}
SECOND = {"shipment_id": "shp_2", "carrier": "UPS", "tracking_number": "T2"}
charge_first = ChargeShipment(**IT, shipment_id="shp_1", items=ONE_MUG)
charge_rest = ChargeShipment(**IT, shipment_id="shp_2", items=REST)
ship_first, ship_rest = ShipOrder(**IT, **FIRST, items=ONE_MUG), ShipOrder(**IT, **SECOND, items=REST)
# a mug is 7.50 and 1.42 of tax, by largest remainder of two; shipping is 4.90 and 0.93 of tax
FIRST_CHARGED = ShipmentCharged(**WHOSE, shipment_id="shp_1", items=ONE_MUG, amount=euro(750 + 142 + 583), final=False)
REST_CHARGED = ShipmentCharged(**WHOSE, shipment_id="shp_2", items=REST, amount=euro(2764 - 1475), final=True)
PART_LEFT = OrderPartShipped(**WHOSE, **FIRST, items=ONE_MUG)
ALL_LEFT = OrderShipped(**WHOSE, **SECOND, items=REST)
REFUSED = OrderCancelRefused(**WHOSE)
first_arrives, rest_arrives = DeliverOrder(**IT, shipment_id="shp_1"), DeliverOrder(**IT, shipment_id="shp_2")
FIRST_ARRIVED = OrderPartDelivered(**WHOSE, shipment_id="shp_1")
REST_ARRIVED = OrderPartDelivered(**WHOSE, shipment_id="shp_2")


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param(GIVEN, charge_first, [FIRST_CHARGED], id="a part bears its share, the first one shipping too"),
        pytest.param([*GIVEN, FIRST_CHARGED], charge_first, [], id="a part is charged once"),
        pytest.param([*GIVEN, FIRST_CHARGED], charge_rest, [REST_CHARGED], id="the last part bears the rest"),
        pytest.param(
            [*GIVEN, FIRST_CHARGED],
            but(charge_rest, items=()),
            [REST_CHARGED],
            id="which it does not have to name",
        ),
        pytest.param(GIVEN, but(charge_first, items=units(mug=2, cup=1)), [], id="all at once needs no event"),
        pytest.param([*GIVEN, FIRST_CHARGED], ship_first, [PART_LEFT], id="a part leaves"),
        pytest.param([*GIVEN, PART_LEFT], ship_first, [], id="once"),
        pytest.param([*GIVEN, PART_LEFT], ship_rest, [ALL_LEFT], id="the order is shipped when all has left"),
        pytest.param([*GIVEN, PART_LEFT], but(ship_rest, items=()), [ALL_LEFT], id="named or not"),
        pytest.param(
            [*GIVEN, CANCELLING], ship_first, [REFUSED, PART_LEFT], id="a part that leaves refuses a cancellation"
        ),
        pytest.param([*GIVEN, CANCELLING, REFUSED, PART_LEFT], RefuseCancel(**IT), [], id="which is said once"),
        pytest.param([*GIVEN, PART_LEFT], first_arrives, [FIRST_ARRIVED], id="a part arrives"),
        pytest.param([*GIVEN, PART_LEFT, FIRST_ARRIVED], first_arrives, [], id="once, too"),
        pytest.param(
            [*GIVEN, PART_LEFT, ALL_LEFT], first_arrives, [FIRST_ARRIVED], id="while another is still on its way"
        ),
        pytest.param(
            [*GIVEN, PART_LEFT, ALL_LEFT, FIRST_ARRIVED],
            rest_arrives,
            [OrderDelivered(**WHOSE, shipment_id="shp_2")],
            id="the order is delivered when all has arrived",
        ),
        pytest.param(GIVEN, first_arrives, [FIRST_ARRIVED], id="an arrival may be told before the departure"),
        pytest.param(
            [*GIVEN, PART_LEFT, FIRST_ARRIVED, REST_ARRIVED],
            ship_rest,
            [ALL_LEFT, OrderDelivered(**WHOSE, shipment_id="shp_2")],
            id="then all has arrived when all is known to have left",
        ),
    ],
)
def test_accepts(given, when, then):
    assert decider.decide(when, decider.fold(given)) == then


@pytest.mark.parametrize(
    ("given", "when", "error"),
    [
        pytest.param(GIVEN, but(charge_first, items=units(mug=3)), NotInTheOrder, id="more than was bought"),
        pytest.param(GIVEN, but(charge_first, items=units(bowl=1)), NotInTheOrder, id="what was not bought"),
        pytest.param([*GIVEN, FIRST_CHARGED], but(charge_rest, items=units(mug=2)), NotInTheOrder, id="charged twice"),
        pytest.param([*GIVEN, PART_LEFT], but(ship_rest, items=units(mug=2)), NotInTheOrder, id="sent twice"),
        pytest.param([THREE], charge_first, OrderNotOpen, id="an order that is not confirmed"),
        pytest.param([*GIVEN, PART_LEFT], cancel, NotCancellable, id="a cancellation when a part has left"),
        pytest.param([*GIVEN, FIRST_CHARGED], cancel, NotCancellable, id="or is being paid for"),
        pytest.param(GIVEN, but(cancel, dispatched=True), NotCancellable, id="or, says shipping, has been handed over"),
        pytest.param(
            [*GIVEN, CANCELLING, OrderCancelled(**WHOSE, reason=None, total=THREE.total)],
            ship_first,
            OrderNotOpen,
            id="a cancelled order",
        ),
    ],
)
def test_refuses(given, when, error):
    with pytest.raises(error):
        decider.decide(when, decider.fold(given))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    lines=st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(0, 10**6), st.integers(1, 9)), min_size=1),
    percent=st.integers(1, 100),
    data=st.data(),
)
def test_however_an_order_is_split_its_parts_cost_its_total(lines, percent, data):
    coupon = Coupon(code="C", kind="percent", value=percent)
    order = placed(lines, coupon)
    history, charged, number = [order, confirmed(order)], [], 0
    while rest := decider.fold(history).uncharged:
        number += 1
        wanted = [(unit.sku, data.draw(st.integers(0, unit.quantity))) for unit in rest]
        some = tuple(Units(sku=sku, quantity=quantity) for sku, quantity in wanted if quantity) or rest
        command = ChargeShipment(**IT, shipment_id=f"shp_{number}", items=some)
        history += decider.decide(command, decider.fold(history))
        charge = charge_of(decider.fold(history), command.shipment_id)
        charged.append(charge.amount.amount)
        assert charge.amount.amount >= 0
        if charge.final:
            break
    assert sum(charged) == order.total.amount


def test_what_was_stored_before_there_were_parts_still_folds():
    old = '{"type": "OrderShipped", "order_id": "ord_1", "customer_id": "cus_1", "at": "2024-05-01T00:00:00Z", '
    shipped = OrderShipped.model_validate_json(old + '"shipment_id": "s", "carrier": "DHL", "tracking_number": "T"}')
    delivered = OrderDelivered.model_validate_json(
        '{"type": "OrderDelivered", "order_id": "ord_1", "customer_id": "cus_1", "at": "2024-05-01T00:00:00Z"}'
    )
    order = decider.fold([PLACED, confirmed(PLACED), shipped])
    assert (order.status, order.remaining) == ("shipped", ())
    assert decider.fold([PLACED, confirmed(PLACED), shipped, delivered]).status == "delivered"
