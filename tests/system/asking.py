"""How the machine of test_model.py asks a platform that may be disturbed, and compares it with the model."""

from collections import Counter
from itertools import count

from common.infrastructure.dead_letters import DeadLetters
from local.platform import Platform
from local.shop import Person
from local.shop import Shop as FrontDoor
from tests.system.model import Parcel

EXAMPLES_PER_PLATFORM = 12
MONEY = ("authorized", "captured", "voided", "refunded")
numbers = count()


class Stage:
    """One platform for several examples; after a failure, another one."""

    platform = None
    assembly = None
    runs = 0

    @classmethod
    def fresh(cls):
        if cls.runs >= EXAMPLES_PER_PLATFORM:
            cls.tear_down()
        if cls.platform is None:
            cls.platform = Platform.start(cls.assembly, seed=0, throttle=False)
            shop = FrontDoor(cls.platform.client(), cls.platform.webhook_secrets)
            shop.join("admin@commerce.example", "Grace")
        cls.runs += 1
        return cls.platform

    @classmethod
    def tear_down(cls):
        if cls.platform is not None:
            cls.platform.stop()
        cls.platform, cls.runs = None, 0


class Asking:
    """What a machine does with its `platform`, `front`, `model`, `name`, `skus`, `staff` and `ada`."""

    def compare(self, orders):
        for order in orders:
            told = self.read(self.ada, f"/orders/{order.order_id}")
            self.model.take_over(order, told["status"], told.get("reason"))
        for sku in self.skus.values():
            told = self.read(self.staff, f"/inventory/stock/{sku}")
            wanted = (self.model.on_hand(sku), self.model.reserved(sku))
            assert (told["on_hand"], told["reserved"]) == wanted, f"{sku}: {told}, not {wanted}"
        for order in orders:
            self.compare_money(order)
        self.model.settled()

    def compare_money(self, order):
        found = self.read(self.ada, f"/payments?order_id={order.order_id}")["items"]
        sums = Counter({name: found[0][name]["amount"] for name in MONEY} if found else {})
        about = f"{order.order_id}, which is {order.status} and costs {order.total}: {dict(sums)}"
        assert sums["refunded"] == order.given_back, about
        match order.status:
            case "shipped" | "delivered" | "returned" | "needs_attention":
                assert sums["captured"] == order.total, about
            case "confirmed":
                assert sums["authorized"] == order.total, about
                assert (0 < sums["captured"] < order.total) == bool(order.left), about
            case _:
                assert sums["captured"] == 0 and sums["authorized"] == sums["voided"], about

    def see_parcels(self, order):
        for told in self.read(self.staff, f"/shipments?order_id={order.order_id}")["items"]:
            items = Counter({item["sku"]: item["quantity"] for item in told["items"]})
            parcel = order.parcels.setdefault(told["shipment_id"], Parcel(told["shipment_id"], items))
            parcel.items = items

    def one(self, which, fits=lambda order: True):
        return pick(which, [order for order in self.model.orders if fits(order)])

    def named(self, lines):
        return Counter({self.skus[name]: quantity for name, quantity in lines.items()})

    def sign_in(self):
        self.staff, self.ada = (
            self.patiently(lambda email=email: self.signed_in(email))
            for email in ("admin@commerce.example", self.email)
        )
        self.signed_in_at = self.platform.now()

    def signed_in(self, email):
        return Person(self.front.client, self.front.sign_in(email).token, key=f"{self.name}-{next(numbers)}")

    def ask(self, person, path, body):
        key = f"{self.name}-{next(numbers)}"
        return self.patiently(lambda: person.ask("POST", path, body, idempotency_key=key))

    def read(self, person, path):
        answer = self.patiently(lambda: person.ask("GET", path))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def patiently(self, ask):
        """Whoever gets no answer asks again, later, with the same key."""
        for attempt in range(8):
            try:
                answer = ask()
            except Exception as refused:
                if not self.model.disturbed or attempt == 7:
                    raise
                answer = refused
            status = getattr(answer, "status_code", 500 if isinstance(answer, Exception) else 200)
            running = status == 409 and answer.json()["code"] == "idempotency_key_in_flight"
            if status < 500 and status != 429 and not running:
                return answer
            self.platform.advance(20)
        return answer

    def redrive(self):
        sqs, events = self.platform.operator("sqs"), self.platform.operator("events")
        for url in sqs.list_queues(QueueNamePrefix="commerce-")["QueueUrls"]:
            if url.endswith("-dead-letters"):
                DeadLetters(sqs, events, url, "commerce").redrive()


def pick(which, some):
    return some[which % len(some)] if some else None


def as_lines(items):
    return [{"sku": sku, "quantity": quantity} for sku, quantity in items.items()]
