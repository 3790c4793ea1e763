"""Who goes next, chosen on purpose: all interleavings of a few racers, one after the other, or a sample of them.

A racer is a request with the functions that it waits for, or the invocation of a function, and hands over at every AWS
and provider call. So a schedule is the list of who made the next call, short enough to print and to play again.

Two schedules differ only where the order of two calls can matter: where both touch the same items, and one writes. Of
those that do not differ one is played. The method is Godefroid's sleep sets ("Partial-Order Methods for the
Verification of Concurrent Systems", 1996, section 5.2).
"""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager

WITHOUT_TRACE = ("kms", "lambda", "secretsmanager", "ssm")  # what a function does is its own calls
READS = ("GetItem", "Query", "Scan", "BatchGetItem")
LEFT_TO_ACT = 3  # seconds of a function's time, that it does not wait for others
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


class Requests:
    """They race from their first call on. What else is ready waits until they are answered."""

    def __init__(self, pending):
        self._pending = pending

    def working(self, ready):
        return [one._task.working for one in self._pending]

    def first(self, ready):
        return None


class Invocations:
    """Invocations of these functions race, whoever causes them. All else goes first, and time goes by until as many as
    `expected` have come, so that they meet if they can.
    """

    def __init__(self, platform, functions, expected):
        self._scheduler, self._functions, self._expected = platform.scheduler, functions, expected
        self._tasks = []

    def working(self, ready):
        known = {task for racer in self._tasks for task in (racer, racer.working)}
        self._tasks += [task for task in ready if task not in known and self._races(task)]
        return [task.working for task in self._tasks]

    def _races(self, task):
        return task.identity is not None and task.identity.name in self._functions

    def first(self, ready):
        """Anyone else who is ready, or can be."""
        working = self.working(ready)
        while not (others := [task for task in ready if task not in working]):
            if not (self._scheduler.fire_due() or self._scheduler.look_for_work() or self._time_goes_by()):
                return None
            working = self.working(ready)
        return ready.index(others[0])

    def _time_goes_by(self):
        """To what is due next, unless it is later than those who have come can wait."""
        due, now = self._scheduler.next_due(), self._scheduler.clock.now()
        can_wait = min((task.deadline for task in self._tasks if task.deadline), default=now) - LEFT_TO_ACT
        if len(self._tasks) >= self._expected or due is None or due > can_wait:
            return False
        self._scheduler.clock.jump(due)
        return True


class Schedule:
    """Who made each call for which there was a choice. The first come from `turns`; then whoever is named first goes
    on, or whoever is drawn."""

    def __init__(self, racers, turns=(), draw=None):
        self._racers = racers
        self._wanted = list(turns)
        self._prefix = len(self._wanted)
        self._draw = draw
        self._asleep = {}  # the next call of those who need not go now: a schedule that was played has shown it
        self.turns, self.others = [], []
        self._idle = False

    def __call__(self, ready):
        if (first := self._racers.first(ready)) is not None:
            return first
        working = self._racers.working(ready)
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
    def siblings(self):
        """The turns of schedules that begin as this one and differ where nobody has chosen yet."""
        for last in range(self._prefix, len(self.turns)):
            yield from ([*self.turns[:last], other] for other in self.others[last])


@contextmanager
def chosen_by(platform, schedule):
    """Meanwhile, the schedule says who goes next."""
    usual = platform.scheduler.choose
    platform.scheduler.choose = schedule
    try:
        yield
    finally:
        platform.scheduler.choose = usual


def sample(number, seed=0) -> Iterator[random.Random]:
    yield from (random.Random(f"{seed}-{one}") for one in range(number))
