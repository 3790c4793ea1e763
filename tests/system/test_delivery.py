"""Promises 9 and 12: however messages are delivered, the shop ends as if each had come once, at once and in order.

One story is played undisturbed, and then, from one moment, once for each way in which delivery may go wrong: orders,
stock, payments, mails and figures must be the same. By default a few of the ways; `COMMERCE_WAYS=all` plays all of
them, and `COMMERCE_SEEDS=20` those that have chance in them as often.
"""

import os
import random

import pytest

from common.infrastructure.dead_letters import DeadLetters
from local.platform import Platform
from local.scheduler import at_random
from local.shop import Shop
from tests.system.branches import branches, leave
from tests.system.delivered_story import Story

FILE = "tests/system/test_delivery.py"
SEEDS = int(os.environ.get("COMMERCE_SEEDS", "1"))
ONLY = int(os.environ["COMMERCE_SEED"]) if "COMMERCE_SEED" in os.environ else None
ALWAYS = 1_000_000
CONSUMERS = ("analytics", "catalog", "identity", "inventory", "notification", "order", "payment", "shipping")
HOUR = 3600
PHASES = ("place", "decide", "deliver", "give_back")


class Delivery:
    """What is wrong with it from before a phase until after it."""

    mails_may_double = False
    asks = True  # a customer whom the bank asks, and who would be too late after an hour

    def __init__(self, platform, seed=0):
        self.platform, self.seed, self.faults = platform, seed, platform.seam.faults

    def disturb(self, story):
        pass

    def mend(self, story):
        self.faults.clear()
        self.platform.advance(600)
        story.shop.settle()


class DelayedForNobody(Delivery):
    """Nothing is wrong, but that time passes."""

    asks = False


class Doubled(Delivery):
    """By the bus, the queues, the starting of sagas, and the streams."""

    def disturb(self, story):
        doubled = {"events": "PutEvents", "sqs": "SendMessage", "stepfunctions": "StartExecution", "dynamodb": None}
        for service, operation in doubled.items():
            self.faults.add("duplicate", service=service, operation=operation, times=ALWAYS)


class Shuffled(Delivery):
    """Another order of everything that may be in another order; messages are up to two minutes on their way."""

    def disturb(self, story):
        drawn = random.Random(f"{self.seed}-{story.name}")
        self.platform.scheduler.choose = at_random(drawn.randrange(2**32))
        for _ in range(300):
            self.faults.add("delay", service="sqs", operation="SendMessage", seconds=drawn.uniform(0, 120))

    def mend(self, story):
        """All has come, late: a customer whom the bank asks has a few of their fifteen minutes left."""
        self.faults.clear()
        story.shop.settle()


class DelayedPastTheTimeouts(Delivery):
    """What was received is handled only when it is visible again, and another reader has it too."""

    def disturb(self, story):
        for queue in CONSUMERS:
            hidden = {"caller": f"queue:commerce-{queue}", "seconds": 400, "times": 8}
            self.faults.add("delay", service="lambda", operation="Invoke", **hidden)
            self.faults.add("delay", service="sqs", operation="DeleteMessageBatch", **hidden)

    asks = False


class HalfOfABatchFails(Delivery):
    """Each consumer's database fails for a while: a part of what it was given is named, and comes again.

    Who cannot note that a mail was sent sends it again (decision 0007).
    """

    mails_may_double = True
    asks = False

    def disturb(self, story):
        for domain in CONSUMERS:
            caller = f"commerce-{domain}-consumer"
            self.faults.add("error", service="dynamodb", operation="TransactWriteItems", caller=caller, times=9)
            self.faults.add("throttle", service="dynamodb", caller=caller, times=9)


class TheBusTakesAllButOne(Delivery):
    def disturb(self, story):
        self.faults.add("partial", service="events", operation="PutEvents", times=12)


class TheRelayDiesAfterPublishing(Delivery):
    """What it published is published again: nobody has noted that it was."""

    def disturb(self, story):
        for domain in CONSUMERS:
            caller = f"commerce-{domain}-relay"
            self.faults.add("crash_after", service="events", operation="PutEvents", caller=caller, times=2)


class DownForAnHour(Delivery):
    asks = False
    down = ("analytics", "notification", "catalog")

    def disturb(self, story):
        for domain in self.down:
            self.faults.add("error", service="lambda", caller=f"queue:commerce-{domain}", times=ALWAYS)

    def mend(self, story):
        self.platform.advance(HOUR)
        self.faults.clear()
        dead = dead_letters(self.platform)
        assert dead and set(dead) <= {f"commerce-{domain}-dead-letters" for domain in self.down}, dead
        for name in dead:
            redrive(self.platform, name)
        super().mend(story)


class ShippingIsDownForAnHour(DownForAnHour):
    down = ("shipping",)

    def disturb(self, story):
        if not hasattr(story, "parcels"):  # it hears of orders that are confirmed, and of none afterwards
            super().disturb(story)

    def mend(self, story):
        if hasattr(story, "parcels"):
            Delivery.mend(self, story)
        else:
            super().mend(story)


WAYS = {
    way.__name__: way
    for way in (
        Doubled,
        Shuffled,
        DelayedPastTheTimeouts,
        HalfOfABatchFails,
        TheBusTakesAllButOne,
        TheRelayDiesAfterPublishing,
        DownForAnHour,
        ShippingIsDownForAnHour,
    )
}


USUALLY = ("Doubled", "TheRelayDiesAfterPublishing", "DownForAnHour")
ASKED = os.environ.get("COMMERCE_WAYS", " ".join(USUALLY))
BY_CHANCE = ("Shuffled", "Doubled")


def dead_letters(platform):
    sqs, found = platform.operator("sqs"), {}
    for url in sqs.list_queues(QueueNamePrefix="commerce-")["QueueUrls"]:
        if url.endswith("-dead-letters"):
            got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
            if number := int(got["ApproximateNumberOfMessages"]):
                found[url.rpartition("/")[2]] = number
    return found


def redrive(platform, name):
    sqs = platform.operator("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    DeadLetters(sqs, platform.operator("events"), url, "commerce").redrive()


def play(delivery):
    story = Story(delivery.platform, delivery.asks)
    for phase in PHASES:
        story.sign_in()
        delivery.disturb(story)
        getattr(story, phase)()
        story.shop.settle(2 * HOUR)
        delivery.mend(story)
    story.sign_in()
    return story.end()


@pytest.fixture(scope="module")
def platform(assembly):
    with Platform.start(assembly, seed=0, throttle=False) as platform:
        Shop(platform.client(), platform.webhook_secrets).join("admin@commerce.example", "Grace")
        yield platform


@pytest.fixture(scope="module")
def undisturbed(platform):
    """How each form of the story ends if nothing is wrong. What the queues were sent is kept."""
    platform.sent = {}

    def note(call, asked):
        if call.kind == "carrier" and call.operation == "SendMessage":
            platform.sent.setdefault(asked["QueueUrl"], []).append(asked["MessageBody"])

    platform.seam.observers.append(note)
    ends = {way.asks: play(way(platform)) for way in (Delivery, DelayedForNobody)}
    platform.seam.observers.remove(note)
    return ends


def test_the_story_is_one_in_which_all_sorts_of_things_happen(undisturbed):
    orders = undisturbed[True]["orders"]
    assert {name: told["order"][0] for name, told in orders.items()} == {
        "kept": "delivered",
        "cancelled": "cancelled",
        "declined": "rejected",
        "parted": "confirmed",
        "asked": "confirmed",
    }
    assert orders["kept"]["returns"] == ["completed"]
    assert sum(undisturbed[True]["mails"].values()) > 5
    assert undisturbed[True]["figures"]


@pytest.mark.parametrize("way", WAYS if ASKED == "all" else ASKED.split())
def test_delivery_is_no_matter(platform, undisturbed, way):
    def differs(seed):
        try:
            delivery = WAYS[way](platform, seed)
            ended, wanted = play(delivery), undisturbed[delivery.asks]
            if delivery.mails_may_double:
                ended, wanted = (told | {"mails": set(told["mails"])} for told in (ended, wanted))
            assert {what: told for what, told in ended.items() if told != wanted[what]} == {}
            assert Shop(platform.client()).promises_broken() == []
            leave(platform)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return None

    seeds = [ONLY] if ONLY is not None else range(SEEDS if way in BY_CHANCE else 1)
    for seed, difference in branches(differs, seeds):
        again = f"COMMERCE_WAYS={way} COMMERCE_SEED={seed} ./commerce test {FILE}"
        assert difference is None, f"{difference}\nreproduce: {again}"
        print(f"delivery: {way}, seed {seed}: the same end")


def test_a_poison_message_among_a_hundred_ends_among_the_dead_alone(platform, undisturbed):
    """The hundred are what each queue was sent before: news that are no news."""
    sqs, sent = platform.operator("sqs"), platform.sent
    queues = [f"commerce-{domain}" for domain in CONSUMERS if f"commerce-{domain}" in sent]
    assert len(queues) >= 5

    class Poisoned(DelayedForNobody):
        def disturb(self, story):
            if not story.orders:
                for queue in queues:
                    hundred = (sent[queue] * 100)[:99]
                    hundred.insert(50, "{poison")
                    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
                    for body in hundred:
                        sqs.send_message(QueueUrl=url, MessageBody=body)

    assert play(Poisoned(platform)) == undisturbed[False]
    assert dead_letters(platform) == {f"{queue}-dead-letters": 1 for queue in queues}
    for queue in queues:
        sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=f"{queue}-dead-letters")["QueueUrl"])
    assert Shop(platform.client()).promises_broken() == []
