"""One thread, many greenlets: who goes next, and when time moves.

A task hands over only where it calls `yield_`, `sleep` or waits for an `Event`. With a seed, the next task is drawn
at random, repeatably; without, first come, first served. When no task is ready, time may move to the next timer.
"""

import heapq
import random
import threading
import time
from collections.abc import Callable, Sequence
from enum import Enum
from itertools import count
from typing import Any, Final

from greenlet import GreenletExit, getcurrent, greenlet

from local.clock import Clock


class Waiting(Enum):
    """What a timer stands for, which says whether anyone should wait for it."""

    WORK = "in-flight work: a retry, a visibility time-out, a batching window"
    PAUSE = "a pause that someone asked for: in-flight work only for those who wait long enough"
    OUTSIDE = "a limit or a schedule: it fires when the clock passes it, and nobody waits for it"


class EngineFailure(Exception):
    """The engine itself is broken: a task of ours ended with an error that nobody was to handle."""


class Timer:
    __slots__ = ("action", "cancelled", "due", "waiting")

    def __init__(self, due: float, waiting: Waiting, action: Callable[[], None]) -> None:
        self.due, self.waiting, self.action, self.cancelled = due, waiting, action, False

    def cancel(self) -> None:
        self.cancelled = True


class Task:
    """A greenlet with what belongs to it: who it acts as, which process it runs in, until when it may run."""

    def __init__(self, scheduler: "Scheduler", run: Callable[[], Any], name: str, identity: Any) -> None:
        self.name = name
        self.identity = identity
        self.process: Any = None
        self.deadline: float | None = None
        self.doom: BaseException | None = None  # raised at every hand-over once the task must die
        self.parked = False
        self.woken = False
        self.waits_for: Task | None = None  # whose end it waits for
        self.about_to: Any = None  # for who chooses: what it will do next, if that matters to others
        self.finished = Event(scheduler, end_of=self)
        self.result: Any = None
        self.error: BaseException | None = None
        self.supervised = False
        self.used = 0.0  # seconds of the processor
        self._run = run
        self.greenlet = greenlet(self._body, parent=scheduler.hub)

    def _body(self) -> None:
        try:
            self.result = self._run()
        except GreenletExit:
            pass
        except BaseException as error:
            self.error = error
        self.finished.set()

    @property
    def working(self) -> "Task":
        """Who does its work now: itself, or whoever it waits for, or whoever that one waits for."""
        task = self
        while task.waits_for and not task.waits_for.finished.is_set():
            task = task.waits_for
        return task

    def outcome(self) -> Any:
        """Wait for the end; return what the task returned, or raise what it raised."""
        self.finished.wait()
        if self.error is not None:
            raise self.error
        return self.result


class TimedOut(BaseException):
    """A task has passed its deadline. Not an Exception, so that nothing swallows it."""


MANY: Final = 1000
Choice = Callable[[Sequence[Task]], int]  # which of those that are ready goes next


def in_turn(ready: Sequence[Task]) -> int:
    return 0


def at_random(seed: int) -> Choice:
    drawn = random.Random(seed)
    return lambda ready: drawn.randrange(len(ready)) if len(ready) > 1 else 0


class Scheduler:
    def __init__(self, clock: Clock, seed: int | None) -> None:
        self.clock = clock
        self.hub = getcurrent()
        self.thread = threading.get_ident()
        self.current: Task | None = None
        self.tasks: set[Task] = set()
        self.place: Callable[[Any], None] = lambda process: None
        self.look_for_work: Callable[[], bool] = lambda: False  # asked when no task is ready
        self.heir: Any = None  # who the tasks act as that are being started, if not as their starter
        self.choose = in_turn if seed is None else at_random(seed)
        self._ready: list[Task] = []
        self._timers: list[tuple[float, int, Timer]] = []
        self._many = MANY  # timers, at which those that were cancelled are thrown out
        self._order = count()
        self._failures: list[tuple[Task, BaseException]] = []

    def spawn(
        self, run: Callable[[], Any], name: str, *, identity: Any = None, process: Any = None, supervised: bool = False
    ) -> Task:
        """Start a task. Unless supervised (someone asks for its outcome), its error is a failure of the engine."""
        if identity is None:
            identity = self.heir or (self.current.identity if self.current else None)
        task = Task(self, run, name, identity)
        task.process, task.supervised = process, supervised
        self.tasks.add(task)
        self._ready.append(task)
        return task

    def yield_(self, about_to: Any = None) -> None:
        """Let others go first, perhaps. Outside of any task there is nobody to hand over to."""
        if task := self.current:
            if task.doom is not None:
                raise task.doom
            task.about_to = about_to
            self._ready.append(task)
            self._hand_over(task)
            task.about_to = None

    def sleep(self, seconds: float, waiting: Waiting = Waiting.WORK) -> None:
        self.park(seconds, waiting)

    def park(self, timeout: float | None, waiting: Waiting) -> bool:
        """Leave the stage until `wake` (True) or until the time is over (False)."""
        task = self.current
        assert task, "only a task can wait"
        if task.doom is not None:
            raise task.doom
        due = None if timeout is None else self.clock.now() + max(timeout, 0)
        if task.deadline is not None and (due is None or task.deadline < due):
            due, waiting = task.deadline, Waiting.OUTSIDE if due is None else waiting
        task.parked, task.woken = True, False
        timer = None if due is None else self.at(due, lambda: self._resume(task), waiting)
        try:
            self._hand_over(task)
        finally:
            if timer is not None:
                timer.cancel()
        return task.woken

    def wake(self, task: Task) -> None:
        if task.parked:
            task.woken = True
            self._resume(task)

    def _resume(self, task: Task) -> None:
        if task.parked:
            task.parked = False
            self._ready.append(task)

    def at(self, due: float, action: Callable[[], None], waiting: Waiting = Waiting.WORK) -> Timer:
        timer = Timer(due, waiting, action)
        heapq.heappush(self._timers, (due, next(self._order), timer))
        if len(self._timers) > self._many:
            self._timers = [entry for entry in self._timers if not entry[2].cancelled]
            heapq.heapify(self._timers)
            self._many = max(MANY, 2 * len(self._timers))
        return timer

    def after(self, seconds: float, action: Callable[[], None], waiting: Waiting = Waiting.WORK) -> Timer:
        return self.at(self.clock.now() + seconds, action, waiting)

    def next_due(self) -> float | None:
        while self._timers and self._timers[0][2].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    @property
    def waiting(self) -> int:
        """How many tasks are ready to go on."""
        return len(self._ready)

    def work_due(self, patience: float) -> float | None:
        """When the first in-flight work falls due, pauses that end by `patience` counted in; None if there is none."""
        dues = (
            timer.due
            for _, _, timer in self._timers
            if not timer.cancelled
            and (timer.waiting is Waiting.WORK or (timer.waiting is Waiting.PAUSE and timer.due <= patience))
        )
        return min(dues, default=None)

    def run_ready(self) -> bool:
        """Give one ready task the stage. False if none is ready."""
        if not self._ready:
            return False
        task = self._ready.pop(self.choose(self._ready))
        if task.greenlet.dead:
            return True
        self.current = task
        self.place(task.process)
        began = time.thread_time()
        try:
            task.greenlet.switch()
        finally:
            self.current = None
            task.used += time.thread_time() - began
        if task.greenlet.dead:
            self.tasks.discard(task)
            if task.error is not None and not task.supervised:
                self._failures.append((task, task.error))
        self.raise_failures()
        return True

    def fire_due(self) -> bool:
        """Fire the first timer whose time has come. False if there is none."""
        due = self.next_due()
        if due is None or due > self.clock.now():
            return False
        heapq.heappop(self._timers)[2].action()
        return True

    def raise_failures(self) -> None:
        if self._failures:
            task, error = self._failures.pop(0)
            raise EngineFailure(f"{task.name}: {type(error).__name__}: {error}") from error

    def run(self, done: Callable[[], bool], *, until: float, patience: float) -> bool:
        """Run until `done`; jump to in-flight work when nothing is ready, but not beyond `until`.

        Pauses that end by `patience` count as in-flight work. False if nothing is left to do.
        """
        try:
            while not done():
                if self.run_ready() or self.fire_due() or self.look_for_work():
                    continue
                work, due = self.work_due(patience), self.next_due()
                if work is None or due is None or work > until:
                    return False
                self.clock.jump(due)
            return True
        finally:
            self.place(None)

    def run_to(self, moment: float) -> None:
        """Move to `moment`; what falls due on the way runs at its time."""
        while True:
            if self.run_ready() or self.fire_due() or self.look_for_work():
                continue
            due = self.next_due()
            if due is None or due > moment:
                break
            self.clock.jump(due)
        self.clock.jump(moment)
        self.place(None)

    def stop(self) -> None:
        """End every task where it stands."""
        self._ready.clear()
        self._timers.clear()
        for task in list(self.tasks):
            task.supervised, task.doom, self.current = True, GreenletExit(), task
            task.greenlet.throw(task.doom)
        self.current = None
        self.tasks.clear()

    def _hand_over(self, task: Task) -> None:
        self.hub.switch()
        if task.doom is not None:
            raise task.doom
        if task.deadline is not None and self.clock.now() >= task.deadline:
            task.doom = TimedOut(task.name)
            raise task.doom


class Event:
    """`threading.Event` between tasks."""

    def __init__(self, scheduler: Scheduler, end_of: Task | None = None) -> None:
        self._scheduler = scheduler
        self._end_of = end_of
        self._set = False
        self._waiters: list[Task] = []

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True
        waiters, self._waiters = self._waiters, []
        for task in waiters:
            self._scheduler.wake(task)

    def clear(self) -> None:
        self._set = False

    def wait(self, timeout: float | None = None, waiting: Waiting = Waiting.OUTSIDE) -> bool:
        task = self._scheduler.current
        if self._set or task is None:
            return self._set
        self._waiters.append(task)
        task.waits_for = self._end_of
        try:
            woken = self._scheduler.park(timeout, waiting)
        finally:
            task.waits_for = None
            if task in self._waiters:
                self._waiters.remove(task)
        return woken or self._set


REAL_SLEEP: Final = time.sleep
