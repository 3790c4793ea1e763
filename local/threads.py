"""Stand-ins for `threading`, made of the scheduler's tasks, for code of others that starts threads."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.scheduler import Event as TaskEvent
from local.scheduler import Scheduler, Task


class Threads:
    """What a module gets in place of `threading`. It follows the scheduler of the platform that is up."""

    def __init__(self, scheduler: Callable[[], Scheduler]) -> None:
        self._scheduler = scheduler

    def Event(self) -> TaskEvent:
        return TaskEvent(self._scheduler())

    def Thread(
        self,
        target: Callable[..., Any],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        name: str | None = None,
        daemon: bool = True,
    ) -> "Thread":
        label = str(name or getattr(target, "__qualname__", "thread"))[:80]
        return Thread(self._scheduler(), label, lambda: target(*args, **(kwargs or {})))

    def Lock(self) -> "Uncontended":
        return Uncontended()

    RLock = Lock

    def Condition(self) -> "Condition":
        return Condition(self._scheduler())


class Thread:
    native_id = None

    def __init__(self, scheduler: Scheduler, name: str, run: Callable[[], Any]) -> None:
        self._scheduler, self._name, self._run = scheduler, name, run
        self._task: Task | None = None

    def start(self) -> None:
        self._task = self._scheduler.spawn(self._run, self._name)

    def join(self, timeout: float | None = None) -> None:
        assert self._task, "not started"
        self._task.finished.wait(timeout)

    def is_alive(self) -> bool:
        return self._task is not None and not self._task.finished.is_set()


class Uncontended:
    """A lock nobody ever waits for: its holders do not hand over while they hold it."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        return True

    def release(self) -> None:
        return None

    def __enter__(self) -> bool:
        return True

    def __exit__(self, *_: object) -> None:
        return None


class Condition(Uncontended):
    def __init__(self, scheduler: Scheduler) -> None:
        self._changed = TaskEvent(scheduler)

    def wait(self, timeout: float | None = None) -> bool:
        self._changed.clear()
        return self._changed.wait(timeout)

    def notify_all(self) -> None:
        self._changed.set()
