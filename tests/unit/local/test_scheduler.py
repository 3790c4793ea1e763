"""Who goes next, when time moves, and who is waited for."""

import pytest

from local.clock import EPOCH, Clock
from local.scheduler import EngineFailure, Event, Scheduler, TimedOut, Waiting

FOREVER, NOTHING = float("inf"), float("-inf")


@pytest.fixture
def clock():
    clock = Clock(ticking=False)
    yield clock
    clock.stop()


@pytest.fixture
def scheduler(clock):
    scheduler = Scheduler(clock, seed=1)
    yield scheduler
    scheduler.stop()


def drain(scheduler, *, patience=NOTHING):
    scheduler.run(lambda: False, until=FOREVER, patience=patience)


def interleaved(clock, seed):
    scheduler, said = Scheduler(clock, seed), []

    def count(name):
        for number in range(5):
            said.append(f"{name}{number}")
            scheduler.yield_()

    for name in "abc":
        scheduler.spawn(lambda name=name: count(name), name)
    drain(scheduler)
    return said


def test_the_seed_says_who_goes_next(clock):
    assert interleaved(clock, 1) == interleaved(clock, 1) != interleaved(clock, 2)


def test_without_a_seed_it_is_first_come_first_served(clock):
    assert interleaved(clock, None)[:6] == ["a0", "b0", "c0", "a1", "b1", "c1"]


def test_time_moves_only_when_nobody_is_ready(clock, scheduler):
    woke = []

    def sleeper(seconds):
        scheduler.sleep(seconds)
        woke.append((seconds, clock.now() - EPOCH))

    for seconds in (5, 1, 3):
        scheduler.spawn(lambda seconds=seconds: sleeper(seconds), "sleeper")
    drain(scheduler)
    assert woke == [(1, 1), (3, 3), (5, 5)]


def test_nobody_waits_for_limits_and_long_pauses(clock, scheduler):
    fired = []
    scheduler.after(10, lambda: fired.append("limit"), Waiting.OUTSIDE)
    scheduler.after(20, lambda: fired.append("pause"), Waiting.PAUSE)
    drain(scheduler, patience=clock.now() + 15)
    assert (fired, clock.now()) == ([], EPOCH)
    drain(scheduler, patience=clock.now() + 25)
    assert (fired, clock.now()) == (["limit", "pause"], EPOCH + 20)


def test_advancing_fires_what_falls_due_at_its_time(clock, scheduler):
    fired = []

    def again():
        fired.append(clock.now() - EPOCH)
        scheduler.after(60, again, Waiting.OUTSIDE)

    scheduler.after(60, again, Waiting.OUTSIDE)
    scheduler.run_to(EPOCH + 150)
    assert (fired, clock.now()) == ([60, 120], EPOCH + 150)


@pytest.mark.parametrize(("after", "woken"), [(1, True), (20, False)])
def test_an_event_wakes_who_waits_unless_the_time_is_over(after, woken, clock, scheduler):
    event = Event(scheduler)
    task = scheduler.spawn(lambda: event.wait(10), "waiter")
    scheduler.after(after, event.set)
    drain(scheduler)
    assert task.result is woken


def test_a_task_dies_at_the_hand_over_after_its_deadline_and_cannot_go_on(clock, scheduler):
    went_on = []

    def stubborn():
        try:
            scheduler.sleep(100)
        finally:
            scheduler.yield_()
            went_on.append(True)

    task = scheduler.spawn(stubborn, "stubborn", supervised=True)
    task.deadline = EPOCH + 10
    drain(scheduler)
    assert isinstance(task.error, TimedOut)
    assert (went_on, clock.now()) == ([], EPOCH + 10)


def test_an_error_that_nobody_was_to_handle_comes_out(scheduler):
    scheduler.spawn(lambda: 1 / 0, "divider")
    with pytest.raises(EngineFailure, match="divider: ZeroDivisionError"):
        drain(scheduler)


def test_stopping_ends_every_task_where_it_stands(scheduler):
    ended = []

    def waits():
        try:
            scheduler.sleep(1)
        finally:
            ended.append(True)

    scheduler.spawn(waits, "waits")
    scheduler.run_ready()
    scheduler.stop()
    assert ended == [True]
