"""The driver of real time: the platform in a thread of its own, waiting for requests, timers, and nothing else."""

import queue
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from local.environments import ROOT
from local.platform import Platform
from local.scheduler import Task

T = TypeVar("T")
LONGEST_NAP = 0.5


class EngineStopped(Exception):
    """The platform is not running any more."""


@dataclass
class _Settling:
    deadline: float
    answer: Future[bool]


class RealTime:
    """Runs the platform until `stop`, or until it breaks: then `failure` says why, and every caller gets it."""

    def __init__(
        self, assembly: Path, *, root: Path = ROOT, public_url: str, aws_url: str, throttle: bool = True
    ) -> None:
        self.failure: BaseException | None = None
        self.ended = threading.Event()
        self.platform: Platform
        self._options: dict[str, Any] = {
            "root": root,
            "public_url": public_url,
            "aws_url": aws_url,
            "throttle": throttle,
        }
        self._assembly = assembly
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._open: set[Future[Any]] = set()
        self._settling: list[_Settling] = []
        self._stopping = False
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> "RealTime":
        """Return when the platform is there; raise what kept it from coming up."""
        self._thread.start()
        self._ready.result()
        return self

    def stop(self) -> None:
        self._stopping = True
        self._inbox.put(lambda: None)
        self._thread.join(timeout=10)

    @property
    def waiting(self) -> int:
        """How much waits to be gone on with."""
        return self._inbox.qsize() + self.platform.scheduler.waiting

    def call(self, action: Callable[[], T]) -> T:
        """Do it in the engine's thread, between tasks."""
        answer: Future[T] = Future()
        self._post(lambda: _settle_with(answer, action), answer)
        return answer.result()

    def submit(self, start: Callable[[], Task]) -> Future[Any]:
        """Start a task; the future is its outcome."""
        answer: Future[Any] = Future()

        def begin() -> None:
            task = start()
            self.platform.scheduler.spawn(lambda: _settle_with(answer, task.outcome), f"answer of {task.name}")

        self._post(begin, answer)
        return answer

    def settled(self, timeout_s: float) -> bool:
        answer: Future[bool] = Future()
        self._post(lambda: self._settling.append(_Settling(self.platform.now() + timeout_s, answer)), answer)
        return answer.result()

    def move(self, seconds: float) -> None:
        self.call(lambda: self.platform.advance(seconds))

    def _post(self, action: Callable[[], None], answer: Future[Any]) -> None:
        self._open.add(answer)
        answer.add_done_callback(self._open.discard)
        self._inbox.put(action)
        if self.ended.is_set():
            self._refuse_the_rest()

    def _run(self) -> None:
        try:
            self.platform = Platform(self._assembly, seed=None, ticking=True, **self._options)
        except BaseException as error:
            self.ended.set()
            self._ready.set_exception(error)
            return
        self._ready.set_result(None)
        try:
            while not self._stopping:
                self._step()
        except BaseException as error:
            traceback.print_exc()
            self.failure = error
        finally:
            self.ended.set()
            self._refuse_the_rest()
            self.platform.stop()

    def _step(self) -> None:
        scheduler = self.platform.scheduler
        self._take_in(nap=0.0)
        if scheduler.run_ready() or scheduler.fire_due() or scheduler.look_for_work():
            return
        scheduler.place(None)
        self._answer_settling()
        due = scheduler.next_due()
        nap = LONGEST_NAP if due is None else min(due - scheduler.clock.now(), LONGEST_NAP)
        self._take_in(max(nap, 0.0))

    def _take_in(self, nap: float) -> None:
        try:
            action = self._inbox.get(timeout=nap) if nap else self._inbox.get_nowait()
        except queue.Empty:
            return
        self.platform.scheduler.place(None)
        action()

    def _answer_settling(self) -> None:
        """Nothing is ready. Whoever waits for that is answered, unless in-flight work falls due in their time."""
        now = self.platform.now()
        for settling in list(self._settling):
            if self.platform.scheduler.work_due(settling.deadline) is None:
                self._settling.remove(settling)
                settling.answer.set_result(True)
            elif now >= settling.deadline:
                self._settling.remove(settling)
                settling.answer.set_result(False)

    def _refuse_the_rest(self) -> None:
        """Nobody is left waiting for an answer that will not come."""
        for answer in list(self._open):
            with suppress(InvalidStateError):
                answer.set_exception(self._why())

    def _why(self) -> EngineStopped:
        return EngineStopped(str(self.failure) if self.failure else "the platform has been stopped")


def _settle_with(answer: Future[T], action: Callable[[], T]) -> None:
    try:
        answer.set_result(action())
    except Exception as error:
        answer.set_exception(error)
