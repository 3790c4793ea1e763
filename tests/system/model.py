"""A shop in plain Python: what a platform that keeps its promises may show of orders, stock and money.

It knows no streams, no sagas and no retries. An order that something was asked of has a set of ends that it may come
to; when the platform has settled, the one that it shows is taken over, if it is one of them. What is in stock and
what was paid follow from the orders.
"""

from collections import Counter
from dataclasses import dataclass, field

APPROVES = "pm_card_visa"
DECLINES = "pm_card_chargeDeclined"
ASKS = "pm_card_threeDSecure2Required"
ENDS = {APPROVES: "confirmed", DECLINES: "rejected", ASKS: "awaiting_payment"}
OPEN = ("placed", "awaiting_payment", "confirmed")
UNDONE = ("rejected", "cancelled")
MINUTE = 60.0
PATIENCE = 15 * MINUTE  # with a customer who must act
LATEST = PATIENCE + 10 * MINUTE  # and the sweeper has come by


@dataclass
class Parcel:
    shipment_id: str
    items: Counter
    tracking_number: str | None = None
    arrived: bool = False


@dataclass
class Return:
    return_id: str
    items: Counter
    status: str = "requested"
    received: Counter = field(default_factory=Counter)
    refund: int = 0
    paid: bool = False

    @property
    def claims(self):
        return {"rejected": Counter()}.get(self.status, self.received if self.received else self.items)


@dataclass
class Order:
    order_id: str
    items: Counter
    total: int
    card: str
    coupon: bool
    placed_at: float
    status: str = "placed"
    may_be: set = field(default_factory=set)  # what it may be when all has settled, if something was asked of it
    parcels: dict = field(default_factory=dict)
    returns: list = field(default_factory=list)
    refunded: int = 0  # by staff

    @property
    def moves(self):
        return bool(self.may_be)

    @property
    def left(self):
        return sum((parcel.items for parcel in self.parcels.values() if parcel.tracking_number), start=Counter())

    @property
    def here(self):
        """Its parcels that have not left."""
        return [parcel for parcel in self.parcels.values() if not parcel.tracking_number]

    @property
    def under_way(self):
        return [parcel for parcel in self.parcels.values() if parcel.tracking_number and not parcel.arrived]

    @property
    def has_arrived(self):
        return self.left == self.items and all(p.arrived for p in self.parcels.values() if p.tracking_number)

    @property
    def held(self):
        """What stock is reserved for it."""
        return self.items - self.left if self.status in OPEN else Counter()

    @property
    def came_back(self):
        return sum((one.received for one in self.returns if one.status == "completed"), start=Counter())

    @property
    def claimed(self):
        return sum((one.claims for one in self.returns), start=Counter())

    @property
    def given_back(self):
        return self.refunded + sum(one.refund for one in self.returns if one.paid)

    def ship(self, parcel, tracking_number):
        """It has left; a cancellation that was asked for is refused with it."""
        parcel.tracking_number = tracking_number
        self.may_be = {"shipped" if self.left == self.items else "confirmed"}

    def arrive(self, parcel):
        parcel.arrived = True
        self.may_be = {"delivered" if self.has_arrived else "shipped" if self.left == self.items else "confirmed"}

    def receive(self, one, items, refund):
        """The refund of a return, and its goods; what is paid back already cannot be paid back again."""
        one.status, one.received, one.refund = "received", items, refund
        one.paid = self.given_back + refund <= self.total
        if not one.paid:
            self.may_be = {"needs_attention"}
            return
        one.status = "completed"
        others = any(other.status in ("requested", "approved") for other in self.returns)
        self.may_be = {"returned" if self.came_back == self.items and not others else self.status}


class Shop:
    """`lowest` is the least that may have been free of a SKU at any moment since the platform was last settled."""

    def __init__(self, limit):
        self.orders = []
        self.put_in = Counter()
        self.lowest = Counter()
        self.limit = limit  # of the coupon's uses
        self.disturbed = False  # a fault may have struck: what was not confirmed may be given up

    def place(self, order):
        order.may_be = {ENDS[order.card]}
        self.orders.append(order)
        self.lowest.subtract(order.items)

    def on_hand(self, sku):
        gone = sum(order.left[sku] - order.came_back[sku] for order in self.orders)
        return self.put_in[sku] - gone

    def reserved(self, sku):
        return sum(order.held[sku] for order in self.orders)

    def uses(self):
        """How often the coupon is used, at least and at most, whatever becomes of what moves."""
        having = [order for order in self.orders if order.coupon and order.status not in UNDONE]
        return sum(not order.moves for order in having), len(having)

    def pass_time(self, now):
        for order in self.orders:
            waits = "awaiting_payment" in (order.may_be or {order.status})
            if waits and now - order.placed_at > PATIENCE - MINUTE:
                late = now - order.placed_at > LATEST and not self.disturbed
                order.may_be = {"rejected"} if late else {"rejected", "awaiting_payment"}

    def take_over(self, order, status, reason):
        """What the platform shows of it; raise AssertionError if it may not be so."""
        allowed = order.may_be or {order.status}
        sold_out = any(self.lowest[sku] < 0 for sku in order.items)
        if order.status == "placed" and (self.disturbed or sold_out) and "cancelled" not in allowed:
            allowed = allowed | {"rejected"}
        if order.status == "awaiting_payment" and self.disturbed and "cancelled" not in allowed:
            allowed = allowed | {"rejected", "awaiting_payment"}
        assert status in allowed, f"{order.order_id} is {status} ({reason}), not {' or '.join(sorted(allowed))}"
        if reason == "out_of_stock" and status != order.status:
            assert sold_out, f"{order.order_id} is refused for stock that was there"
        order.status, order.may_be = status, set()

    def settled(self):
        for sku in self.put_in:
            self.lowest[sku] = self.on_hand(sku) - self.reserved(sku)
