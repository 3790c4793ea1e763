"""All interleavings: those that differ are each played, and no more."""

from types import SimpleNamespace

import pytest

from local.clock import Clock
from local.scheduler import Scheduler
from tests.system.schedules import Requests, Schedule, chosen_by


class World:
    """A table, a request for each racer, and the function that the request waits for."""

    def __init__(self, clock, racers):
        self.scheduler, self.table = Scheduler(clock, None), {}
        self.racers = racers

    def start(self):
        return [self.ask(lambda racer=racer: racer(self.call)) for racer in self.racers]

    def ask(self, function):
        request = self.scheduler.spawn(lambda: self.scheduler.spawn(function, "function").outcome(), "request")
        return SimpleNamespace(
            _task=request, result=lambda: self.scheduler.run(request.finished.is_set, until=0, patience=0)
        )

    def call(self, operation, key, change=None):
        self.scheduler.yield_(about_to=("dynamodb", operation, {"TableName": "t", "Key": {"pk": key}}))
        if change:
            self.table[key] = change
        return self.table.get(key, 0)


@pytest.fixture
def explore():
    """Play every schedule; what the table holds after each."""

    def explore(*racers):
        ends, ways = [], [()]
        for turns in ways:
            world = World(clock, racers)
            pending = world.start()
            schedule = Schedule(Requests(pending), turns)
            with chosen_by(world, schedule):
                for one in pending:
                    one.result()
            ends += [] if schedule.shows_nothing_new else [world.table]
            ways += schedule.siblings
        return ends

    clock = Clock(ticking=False)
    yield explore
    clock.stop()


def counts_up(key):
    def racer(call):
        call("UpdateItem", key, call("GetItem", key) + 1)

    return racer


def test_two_who_read_and_then_write_meet_in_every_way(explore):
    ends = explore(counts_up("it"), counts_up("it"))
    assert sorted(end["it"] for end in ends) == [1, 1, 2, 2]  # the writes of the lost one in either order


def test_who_touches_other_items_needs_no_other_schedule(explore):
    assert explore(counts_up("mine"), counts_up("yours")) == [{"mine": 1, "yours": 1}]


def test_who_only_reads_needs_no_other_schedule(explore):
    def reads(call):
        call("GetItem", "it")

    assert explore(reads, reads) == [{}]


def test_a_read_meets_each_of_two_writes(explore):
    seen = []

    def reads(call):
        seen.append(call("GetItem", "it"))

    def writes(call):
        call("PutItem", "it", 1)
        call("PutItem", "it", 2)

    explore(reads, writes)
    assert set(seen) == {0, 1, 2}
