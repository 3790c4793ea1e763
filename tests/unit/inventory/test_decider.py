"""Given what happened to a reservation, when asked, then this happens. No AWS, no mocks."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from common.domain.errors import NotFound
from inventory.reservation.commands import (
    INVENTORY_TASKS,
    CommitStock,
    ExpireReservation,
    ExtendReservation,
    HoldStock,
    ReleaseStock,
    ReserveStock,
    RestockReturn,
    WantedItem,
)
from inventory.reservation.decider import (
    KEPT_AT_MOST,
    KEPT_FOR,
    MAX_ALLOCATIONS,
    NotReserved,
    NotSold,
    OutOfStock,
    ReservationClosed,
    StockAlreadyCommitted,
    decider,
)
from inventory.reservation.events import (
    ReservationExpired,
    ReservationExtended,
    ReservationRefused,
    StockCommitted,
    StockHeld,
    StockReleased,
    StockReserved,
    StockReturned,
)
from inventory.stock.levels import Allocation, Level, ReservedItem

NOW = datetime(2024, 5, 1, tzinfo=UTC)
JUST_IN_TIME = NOW + KEPT_FOR - timedelta(microseconds=1)
TOO_LATE = NOW + KEPT_FOR
IT = {"reservation_id": "rsv_1", "order_id": "ord_1", "at": NOW}
ORDER = {"order_id": "ord_1", "at": NOW}


def level(warehouse, on_hand, reserved=0):
    return Level(warehouse_id=warehouse, on_hand=on_hand, reserved=reserved)


def reserve(wanted, **levels):
    items = tuple(WantedItem(sku=sku, quantity=quantity) for sku, quantity in wanted.items())
    return ReserveStock(**ORDER, items=items, levels=levels)


def extend(until, when=NOW):
    return ExtendReservation(order_id="ord_1", until=until, at=when)


def taken(sku, quantity, **allocations):
    parts = tuple(Allocation(warehouse_id=warehouse, quantity=some) for warehouse, some in allocations.items())
    return ReservedItem(sku=sku, quantity=quantity, allocations=parts)


def later(event, at):
    return event.model_copy(update={"at": at})


MUGS = (taken("mug", 2, berlin=2),)
RESERVED = StockReserved(**IT, items=MUGS, expires_at=TOO_LATE)
HELD = StockHeld(**IT)
LONGER = NOW + timedelta(minutes=20)
EXTENDED = ReservationExtended(**IT, expires_at=LONGER)
LONGEST = ReservationExtended(**IT, expires_at=NOW + KEPT_AT_MOST)
RELEASED = StockReleased(**IT, reason="order_ended", items=MUGS)
EXPIRED = ReservationExpired(**IT, items=MUGS)
COMMITTED = StockCommitted(**IT, items=MUGS)
REFUSED = ReservationRefused(**IT)

two_mugs = reserve({"mug": 2}, mug=(level("berlin", 5),))
hold, release, commit = HoldStock(**ORDER), ReleaseStock(**ORDER), CommitStock(**ORDER)


def at(command, when):
    return command.model_copy(update={"at": when})


def lines(wanted):
    return tuple(WantedItem(sku=sku, quantity=quantity) for sku, quantity in wanted.items())


def parcel(shipment_id, **wanted):
    return CommitStock(**ORDER, shipment_id=shipment_id, items=lines(wanted))


def back(return_id, **wanted):
    return RestockReturn(**ORDER, return_id=return_id, items=lines(wanted))


TWO_PLACES = RESERVED.model_copy(update={"items": (taken("mug", 6, berlin=3, aachen=3),)})
FIRST = StockCommitted(**IT, items=(taken("mug", 4, berlin=3, aachen=1),), shipment_id="shp_1")
SECOND = StockCommitted(**IT, items=(taken("mug", 1, aachen=1),), shipment_id="shp_2")
THE_REST = StockCommitted(**IT, items=(taken("mug", 2, aachen=2),))
REST_RELEASED = RELEASED.model_copy(update={"items": THE_REST.items})
ALL_BACK = StockReturned(**IT, return_id="ret_1", items=FIRST.items)
SOME_BACK = StockReturned(**IT, return_id="ret_1", items=(taken("mug", 1, berlin=1),))


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param([], two_mugs, [RESERVED], id="what is there is reserved, for a quarter of an hour"),
        pytest.param([RESERVED], two_mugs, [], id="reserving it again changes nothing"),
        pytest.param([RESERVED], reserve({"mug": 2}), [], id="nor does it when all the rest is sold by then"),
        pytest.param([RESERVED, HELD], two_mugs, [], id="nor when it is held already"),
        pytest.param([RESERVED, HELD, COMMITTED], two_mugs, [], id="nor when it has left"),
        pytest.param([RESERVED], extend(LONGER), [EXTENDED], id="who must act gets more time"),
        pytest.param([RESERVED, EXTENDED], extend(LONGER), [], id="once"),
        pytest.param([RESERVED], extend(JUST_IN_TIME), [], id="not less"),
        pytest.param([RESERVED], extend(NOW + timedelta(days=1)), [LONGEST], id="within bounds"),
        pytest.param([RESERVED, HELD], extend(LONGER), [], id="what is held needs none"),
        pytest.param([RESERVED], extend(LONGER, TOO_LATE), [], id="what is over gets none"),
        pytest.param([RESERVED, EXPIRED], extend(LONGER), [], id="nor what has expired"),
        pytest.param([RESERVED, EXTENDED], at(hold, TOO_LATE), [later(HELD, TOO_LATE)], id="it is held in that time"),
        pytest.param(
            [RESERVED, EXTENDED], ExpireReservation(order_id="ord_1", at=TOO_LATE), [], id="nor does it expire in it"
        ),
        pytest.param(
            [RESERVED, EXTENDED],
            ExpireReservation(order_id="ord_1", at=LONGER),
            [later(EXPIRED, LONGER)],
            id="but after it",
        ),
        pytest.param([RESERVED], hold, [HELD], id="a paid reservation is held"),
        pytest.param([RESERVED], at(hold, JUST_IN_TIME), [later(HELD, JUST_IN_TIME)], id="at the last moment, too"),
        pytest.param([RESERVED, HELD], at(hold, TOO_LATE), [], id="holding it again changes nothing, however late"),
        pytest.param([RESERVED, HELD, COMMITTED], hold, [], id="nor after it has left"),
        pytest.param([RESERVED], release, [RELEASED], id="a reservation is released"),
        pytest.param([RESERVED, HELD], release, [RELEASED], id="a held one, too"),
        pytest.param([RESERVED, RELEASED], release, [], id="releasing it again changes nothing"),
        pytest.param([RESERVED, EXPIRED], release, [], id="what has expired was released by that"),
        pytest.param([], release, [REFUSED], id="a release that comes first leaves a mark"),
        pytest.param([REFUSED], release, [], id="one mark"),
        pytest.param([RESERVED, HELD], at(commit, TOO_LATE), [later(COMMITTED, TOO_LATE)], id="held stock leaves"),
        pytest.param([RESERVED], commit, [HELD, COMMITTED], id="so does what is reserved, while it is"),
        pytest.param([RESERVED, HELD, COMMITTED], commit, [], id="it leaves once"),
        pytest.param([TWO_PLACES, HELD], parcel("shp_1", mug=4), [FIRST], id="some of it leaves, place after place"),
        pytest.param([TWO_PLACES, HELD, FIRST], parcel("shp_1", mug=4), [], id="once per parcel"),
        pytest.param([TWO_PLACES, HELD, FIRST], parcel("shp_2", mug=1), [SECOND], id="the next takes of the rest"),
        pytest.param([TWO_PLACES, HELD, FIRST], commit, [THE_REST], id="or all of it"),
        pytest.param([TWO_PLACES, HELD, FIRST, THE_REST], parcel("shp_1", mug=4), [], id="told again at the end"),
        pytest.param([TWO_PLACES, HELD, FIRST], hold, [], id="the rest is held as before"),
        pytest.param([TWO_PLACES, HELD, FIRST], release, [REST_RELEASED], id="or released"),
        pytest.param([TWO_PLACES, HELD, FIRST, REST_RELEASED], parcel("shp_1", mug=4), [], id="what left has left"),
        pytest.param([TWO_PLACES, HELD, FIRST], at(ExpireReservation(**ORDER), TOO_LATE), [], id="nor does it expire"),
        pytest.param([TWO_PLACES, HELD, FIRST], back("ret_1", mug=4), [ALL_BACK], id="what left may come back"),
        pytest.param([TWO_PLACES, HELD, FIRST, ALL_BACK], back("ret_1", mug=4), [], id="once per return"),
        pytest.param(
            [TWO_PLACES, HELD, FIRST, REST_RELEASED], back("ret_1", mug=1), [SOME_BACK], id="a part, and after the end"
        ),
        pytest.param(
            [RESERVED],
            ExpireReservation(order_id="ord_1", at=TOO_LATE),
            [later(EXPIRED, TOO_LATE)],
            id="what nobody pays for expires",
        ),
        pytest.param([RESERVED], ExpireReservation(order_id="ord_1", at=JUST_IN_TIME), [], id="not before its time"),
        pytest.param([RESERVED, HELD], ExpireReservation(order_id="ord_1", at=TOO_LATE), [], id="not what is held"),
        pytest.param([RESERVED, EXPIRED], ExpireReservation(order_id="ord_1", at=TOO_LATE), [], id="and once"),
        pytest.param([], ExpireReservation(order_id="ord_1", at=TOO_LATE), [], id="nothing does not expire"),
    ],
)
def test_accepts(given, when, then):
    assert decider.decide(when, decider.fold(given)) == then


@pytest.mark.parametrize(
    ("given", "when", "error"),
    [
        pytest.param([], reserve({"mug": 2}, mug=(level("berlin", 5, 4),)), OutOfStock, id="reserved is not available"),
        pytest.param([], reserve({"mug": 2}), OutOfStock, id="nor is what nobody has heard of"),
        pytest.param(
            [],
            reserve({"mug": 2, "cup": 1}, mug=(level("berlin", 5),)),
            OutOfStock,
            id="one line short, all are refused",
        ),
        pytest.param(
            [],
            reserve({"mug": MAX_ALLOCATIONS + 1}, mug=tuple(level(f"w{n}", 1) for n in range(MAX_ALLOCATIONS + 1))),
            OutOfStock,
            id="more places than one transaction has room for",
        ),
        pytest.param([REFUSED], two_mugs, ReservationClosed, id="released first, it is not reserved any more"),
        pytest.param([RESERVED, RELEASED], two_mugs, ReservationClosed, id="nor is it reserved again"),
        pytest.param([RESERVED, EXPIRED], two_mugs, ReservationClosed, id="even if it was only too late"),
        pytest.param([RESERVED], at(hold, TOO_LATE), ReservationClosed, id="its time is over, swept or not"),
        pytest.param([RESERVED], at(commit, TOO_LATE), ReservationClosed, id="and it does not leave any more"),
        pytest.param([RESERVED, EXPIRED], hold, ReservationClosed, id="expiry came first"),
        pytest.param([RESERVED, RELEASED], hold, ReservationClosed, id="release came first"),
        pytest.param([REFUSED], hold, ReservationClosed, id="refused is closed, too"),
        pytest.param([RESERVED, HELD, RELEASED], commit, ReservationClosed, id="what was given back cannot leave"),
        pytest.param([RESERVED, HELD, COMMITTED], release, StockAlreadyCommitted, id="what has left is not given back"),
        pytest.param([TWO_PLACES, HELD], parcel("shp_1", mug=9), NotReserved, id="no more leaves than is kept"),
        pytest.param([TWO_PLACES, HELD], parcel("shp_1", cup=1), NotReserved, id="nor other things"),
        pytest.param([RESERVED, HELD, COMMITTED], parcel("shp_2", mug=1), NotReserved, id="nothing is left to leave"),
        pytest.param([TWO_PLACES, HELD, FIRST], back("ret_1", mug=5), NotSold, id="no more comes back than has left"),
        pytest.param([TWO_PLACES, HELD, FIRST, ALL_BACK], back("ret_2", mug=1), NotSold, id="nor does it twice"),
        pytest.param([TWO_PLACES, HELD, FIRST, REST_RELEASED], commit, ReservationClosed, id="the rest is released"),
        pytest.param([], back("ret_1", mug=1), NotFound, id="nothing cannot come back"),
        pytest.param([RESERVED, EXTENDED], at(hold, LONGER), ReservationClosed, id="more time ends, too"),
        pytest.param([], extend(LONGER), NotFound, id="nothing cannot be extended"),
        pytest.param([], hold, NotFound, id="nothing cannot be held"),
        pytest.param([], commit, NotFound, id="nor leave"),
    ],
)
def test_refuses(given, when, error):
    with pytest.raises(error):
        decider.decide(when, decider.fold(given))


def test_an_order_says_more_about_its_lines_than_a_reservation_needs():
    items = [{"sku": "mug", "quantity": 2, "name": "Mug", "unit_price": {"amount": 750, "currency": "EUR"}}]
    command = {"type": "ReserveStock", "order_id": "ord_1", "items": items, "at": "2024-05-01T00:00:00Z"}
    assert INVENTORY_TASKS.validate_python(command) == reserve({"mug": 2})
    with pytest.raises(ValidationError, match="named once"):
        INVENTORY_TASKS.validate_python(command | {"items": items * 2})
