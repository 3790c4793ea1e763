"""Who goes next, chosen on purpose: all interleavings of a few requests, one after the other, or a sample of them.

A request, with the functions that it waits for, hands over at every AWS and provider call. What else is ready waits
until the racers are done: so a schedule is the list of who made the next call, short enough to print and to play again.

Two schedules differ only where the order of two calls can matter: where both touch the same items, and one writes. Of
those that do not differ one is played. The method is Godefroid's sleep sets ("Partial-Order Methods for the
Verification of Concurrent Systems", 1996, section 5.2).
"""

import random
import re
from collections.abc import Iterator

WITHOUT_TRACE = ("kms", "lambda", "secretsmanager", "ssm")  # what a function does is its own calls
READS = ("GetItem", "Query", "Scan", "BatchGetItem")
PARTITION_KEYS = ("pk", "stream")


def touched(service, operation, parameters):
    """The (table, partition key) of each item that a call touches, and whether it writes; None stands for any."""
    if service in WITHOUT_TRACE:
        return [], False
    if service != "dynamodb":
        return [(service, None)], True
    return list(_items(parameters)), operation not in READS


def _items(parameters):
    for action in parameters.get("TransactItems", ()):
        yield from _items(*action.values())
    for table, asked in parameters.get("RequestItems", {}).items():
        yield from ((table, _partition(key)) for key in asked["Keys"]) if "Keys" in asked else [(table, None)]
    if table := parameters.get("TableName"):
        yield table, None if "IndexName" in parameters else _partition(_one_item(parameters))


def _one_item(parameters):
    if wanted := re.search(r"= (:\w+)", parameters.get("KeyConditionExpression", "")):
        return {"pk": parameters["ExpressionAttributeValues"][wanted[1]]}
    return parameters.get("Key") or parameters.get("Item") or {}


def _partition(item):
    return next((str(item[name]) for name in PARTITION_KEYS if name in item), None)


def independent(one, other):
    """Whether two calls come to the same, whichever is first."""
    (some, writes), (others, write) = touched(*one), touched(*other)
    if not writes and not write:
        return True
    return not any(a == b and (None in (key, key_) or key == key_) for a, key in some for b, key_ in others)


class Schedule:
    """Who made each call for which there was a choice. The first come from `turns`; then whoever is named first goes
    on, or whoever is drawn."""

    def __init__(self, racers, turns=(), draw=None):
        self._racers = racers
        self._wanted = list(turns)
        self._draw = draw
        self._asleep = {}  # the next call of those who need not go now: a schedule that was played has shown it
        self.turns, self.others = [], []
        self._idle = False

    def __call__(self, ready):
        working = [racer.working for racer in self._racers]
        for task in working:
            if task in ready and task.about_to is None:
                return ready.index(task)  # to its next call: nobody else sees what it does on the way
        able = [number for number, task in enumerate(working) if task in ready]
        if not able:
            return 0
        chosen = self._choose(able, {number: working[number].about_to for number in able})
        return ready.index(working[chosen])

    def _choose(self, able, calls):
        awake = [number for number in able if number not in self._asleep]
        self._idle |= not awake
        chosen = able[0] if self._idle else awake[0]
        if len(able) > 1:
            if self._wanted:
                chosen = self._wanted.pop(0)
                assert chosen in able, "the same turns have not led to the same place"
            elif self._draw:
                chosen = self._draw.choice(able)
            self.turns.append(chosen)
            self.others.append([number for number in awake if number > chosen and not self._idle])
        played = {number: calls[number] for number in awake if number < chosen}
        asleep = {**self._asleep, **played} if not self._draw else {}
        self._asleep = {n: call for n, call in asleep.items() if n != chosen and independent(call, calls[chosen])}
        return chosen

    @property
    def shows_nothing_new(self):
        """At its end. Who still sleeps then has gone on when nobody else could."""
        return self._idle or bool(self._asleep)

    @property
    def successor(self):
        """The turns of the next schedule, depth first; None after the last."""
        for last in reversed(range(len(self.turns))):
            if self.others[last]:
                return [*self.turns[:last], self.others[last][0]]
        return None


def race(platform, start, turns=(), draw=None):
    """Start the requests, let them run by the schedule until all are answered; the answers, and the schedule."""
    usual = platform.scheduler.choose
    pending = start()
    schedule = Schedule([one._task for one in pending], turns, draw)
    platform.scheduler.choose = schedule
    try:
        return [one.result() for one in pending], schedule
    finally:
        platform.scheduler.choose = usual


def sample(number, seed=0) -> Iterator[random.Random]:
    yield from (random.Random(f"{seed}-{one}") for one in range(number))
