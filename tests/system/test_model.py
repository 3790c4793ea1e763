"""A shop that Hypothesis runs as it likes, beside a model of it in plain Python: they agree, and every promise holds.

By default a few short runs. `COMMERCE_EXAMPLES=500 COMMERCE_STEPS=50` plays the long form, `COMMERCE_SEED=7` another
one; the same numbers play the same. A failure prints the shortest story that it could find, call by call.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from local.faults import KINDS
from local.scheduler import at_random
from local.shop import ADDRESS, euro
from local.shop import Shop as FrontDoor
from tests.system.asking import Asking, Stage, as_lines, numbers, pick
from tests.system.model import ASKS, DECLINES, MINUTE, OPEN, Order, Return, Shop

FILE = "tests/system/test_model.py"
EXAMPLES = int(os.environ.get("COMMERCE_EXAMPLES", "4"))
STEPS = int(os.environ.get("COMMERCE_STEPS", "20"))
SEED = int(os.environ.get("COMMERCE_SEED", "0"))
SKUS = ("cup", "pot")
CARDS = ("pm_card_visa", "pm_card_visa", "pm_card_visa", DECLINES, ASKS)
SERVICES = ("dynamodb", "events", "sqs", "stepfunctions", "lambda", "sesv2", "stripe", "easypost")
any_of = st.integers(0, 1_000)
amounts = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), min_size=1)


class AShop(Asking, RuleBasedStateMachine):
    @initialize(schedule=st.integers(0, 1_000), stock=st.tuples(st.integers(0, 8), st.integers(1, 8)))
    def open(self, schedule, stock):
        self.platform = Stage.fresh()
        self.platform.scheduler.choose = at_random(schedule)
        self.faults = self.platform.seam.faults
        self.front = FrontDoor(self.platform.client(), self.platform.webhook_secrets)
        self.name = f"shop{next(numbers)}"
        self.email = f"{self.name}@customer.example"
        self.model = Shop(limit=2)
        self.front.join(self.email)
        self.sign_in()
        self.skus = {one: f"{self.name}-{one}" for one in SKUS}
        for sku, quantity in zip(self.skus.values(), stock, strict=True):
            self.front.stock(self.staff, sku, 1 + quantity)
            self.model.put_in[sku] = 1 + quantity
        coupon = {"code": self.name, "kind": "percent", "value": 10, "max_uses": self.model.limit}
        self.staff.post("/catalog/coupons", coupon)
        self.front.settle()
        self.model.settled()

    # What is asked, and what the answer may be

    @rule(lines=amounts, card=st.sampled_from(CARDS), coupon=st.booleans())
    def place(self, lines, card, coupon):
        items = self.named(lines)
        body = {
            "items": as_lines(items),
            "shipping_address": ADDRESS,
            "shipping_method": "standard",
            "payment_method": card,
            **({"coupon": self.name} if coupon else {}),
        }
        least, most = self.model.uses()
        answer = self.ask(self.ada, "/orders", body)
        if coupon and answer.status_code == 422:
            assert answer.json()["code"] == "coupon_used_up" and most >= self.model.limit
            return
        assert answer.status_code == 202, answer.text
        assert not coupon or least < self.model.limit, "a coupon was used once too often"
        told = answer.json()
        parts = {name: told[name]["amount"] for name in ("subtotal", "discount", "shipping", "tax", "total")}
        assert parts["total"] == parts["subtotal"] - parts["discount"] + parts["shipping"] + parts["tax"]
        assert (parts["discount"] > 0) == coupon
        self.model.place(Order(told["order_id"], items, parts["total"], card, coupon, self.platform.now()))

    @rule(which=any_of)
    def cancel(self, which):
        if order := self.one(which):
            status = self.ask(self.ada, f"/orders/{order.order_id}/cancel", {}).status_code
            if not order.moves:
                may = order.status == "cancelled" or (order.status in OPEN and not order.left)
                assert status == (202 if may else 409), f"{order.status}: {status}"
            if status == 202 and not order.left:
                order.may_be = {
                    "cancelled"
                }  # else the order has not heard yet what its saga will: that goods have left
            assert status in (202, 409)

    @rule(which=any_of, passes=st.booleans())
    def act(self, which, passes):
        """On 3-D Secure, at the bank's page."""
        order = self.one(which, lambda order: order.status == "awaiting_payment" and not order.moves)
        if order:
            [payment] = self.read(self.ada, f"/payments?order_id={order.order_id}")["items"]
            page = payment["next_action"]["redirect_url"]
            said = self.front.client.post(page, data={"outcome": "complete" if passes else "fail"})
            assert said.status_code < 400
            order.may_be = {"confirmed" if passes else "rejected"}

    @rule(which=any_of, part=any_of)
    def dispatch(self, which, part):
        if order := self.one(which, lambda order: order.status == "confirmed"):
            self.see_parcels(order)
            if parcel := pick(part, order.here):
                answer = self.ask(self.staff, f"/shipments/{parcel.shipment_id}/dispatch", {})
                assert answer.status_code == 200 or (order.moves and answer.status_code == 409), answer.text
                if answer.status_code == 200:
                    order.ship(parcel, answer.json()["tracking_number"])

    @rule(which=any_of, part=any_of, lines=amounts)
    def split(self, which, part, lines):
        if order := self.one(which, lambda order: order.status == "confirmed"):
            self.see_parcels(order)
            if parcel := pick(part, order.here):
                items = self.named(lines)
                body = {"items": as_lines(items)}
                answer = self.ask(self.staff, f"/shipments/{parcel.shipment_id}/split", body)
                if items < parcel.items and not order.moves:
                    assert answer.status_code == 201, answer.text
                assert answer.status_code in ((201, 409) if items < parcel.items else (409, 422)), answer.text
                if answer.status_code == 201:
                    self.see_parcels(order)

    @rule(which=any_of, part=any_of)
    def deliver(self, which, part):
        order = self.one(which, lambda order: order.under_way)
        if order and (parcel := pick(part, order.under_way)):
            answer = self.patiently(lambda: self.front.carrier_says(parcel.tracking_number, "delivered"))
            assert answer.status_code == 200, answer.text
            order.arrive(parcel)

    @rule(which=any_of, percent=st.integers(1, 130))
    def refund(self, which, percent):
        order = self.one(which, lambda order: order.status in ("shipped", "delivered") and not order.moves)
        if order:
            amount = order.total * percent // 100
            [payment] = self.read(self.staff, f"/payments?order_id={order.order_id}")["items"]
            body = {"amount": euro(amount), "reason": "goodwill"}
            answer = self.ask(self.staff, f"/payments/{payment['payment_id']}/refunds", body)
            fits = amount <= order.total - order.given_back
            assert answer.status_code == (202 if fits else 409), answer.text
            order.refunded += amount if fits else 0

    @rule(which=any_of, lines=amounts)
    def request_return(self, which, lines):
        order = self.one(which, lambda order: order.status in ("delivered", "returned") and not order.moves)
        if order:
            items = self.named(lines)
            body = {"items": as_lines(items), "reason": "too big"}
            answer = self.ask(self.ada, f"/orders/{order.order_id}/returns", body)
            fits = items <= order.items - order.claimed
            assert answer.status_code == (201 if fits else 422), answer.text
            if fits:
                order.returns.append(Return(answer.json()["return_id"], items))

    @rule(which=any_of, one=any_of, step=st.sampled_from(("approve", "approve", "reject", "receive", "receive")))
    def decide_return(self, which, one, step):
        order = self.one(which, lambda order: order.returns and not order.moves and order.status == "delivered")
        if order and (found := pick(one, [one for one in order.returns if one.status in ("requested", "approved")])):
            answer = self.ask(self.staff, f"/orders/{order.order_id}/returns/{found.return_id}/{step}", {})
            fits = found.status == ("approved" if step == "receive" else "requested")
            again = (found.status, step) == ("approved", "approve")
            assert answer.status_code == (202 if fits or again else 409), answer.text
            if fits and step == "receive":
                order.receive(found, found.items, answer.json()["refund"]["amount"])
            elif fits:
                found.status = {"approve": "approved", "reject": "rejected"}[step]

    @rule(sku=st.sampled_from(SKUS), quantity=st.integers(1, 4))
    def put_in(self, sku, quantity):
        body = {"warehouse_id": "main", "delta": quantity, "reason": "delivery"}
        answer = self.ask(self.staff, f"/inventory/stock/{self.skus[sku]}/adjustments", body)
        assert answer.status_code == 201, answer.text
        self.model.put_in[self.skus[sku]] += quantity

    # What happens to everybody

    @rule(minutes=st.sampled_from((1, 5, 16, 26)))
    def wait(self, minutes):
        self.platform.advance(minutes * MINUTE)
        self.model.pass_time(self.platform.now())
        self.sign_in()

    @rule(service=st.sampled_from(SERVICES), kind=st.sampled_from(KINDS), times=st.integers(1, 3))
    def disturb(self, service, kind, times):
        fault = {"service": service, "kind": kind, "times": times}
        assert self.front.client.post("/_local/faults", json=fault).status_code == 201
        self.model.disturbed = True

    @rule()
    def settle(self):
        self.front.settle()
        if not self.model.disturbed:
            self.compare([order for order in self.model.orders if order.moves])

    @precondition(lambda self: self.model.disturbed)
    @rule()
    def recover(self):
        """Faults end, what stands still is found and driven on, dead letters are sent home."""
        self.front.client.delete("/_local/faults")
        for _ in range(2):
            self.platform.advance(12 * MINUTE)
            self.redrive()
            self.front.settle()
        self.model.pass_time(self.platform.now())
        self.sign_in()
        self.compare(self.model.orders)
        self.model.disturbed = False

    def teardown(self):
        if not hasattr(self, "model"):
            return
        try:
            if self.model.disturbed:
                self.recover()
            self.front.settle()
            self.sign_in()
            self.compare(self.model.orders)
            broken = self.front.promises_broken()
            assert broken == [], broken
        except BaseException:
            Stage.tear_down()
            raise


@pytest.fixture(autouse=True)
def stage(assembly):
    Stage.assembly = assembly
    yield
    Stage.tear_down()


def test_the_platform_is_what_a_page_of_python_says_it_is():
    how = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    again = f"COMMERCE_EXAMPLES={EXAMPLES} COMMERCE_STEPS={STEPS} COMMERCE_SEED={SEED} ./commerce test {FILE}"
    try:
        run_state_machine_as_test(seed(SEED)(AShop), settings=how)
    except Exception as error:
        error.add_note(f"reproduce: {again}")
        raise
    print(f"model: {EXAMPLES} of {EXAMPLES} stories of up to {STEPS} steps")
