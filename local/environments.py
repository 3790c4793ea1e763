"""Execution environments: what a Lambda function's process would have to itself, in a process that all share.

Put in place at every hand-over: environment variables, Powertools' per-process state, what `functools.cache` holds.
Import this module before the functions, so that their caches are made here.
"""

import functools
import logging
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from aws_lambda_powertools.event_handler.api_gateway import BaseRouter
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import Metrics

ROOT: Final = Path(__file__).parents[1]
LOG_LINES = 200  # kept per environment

_MISSING: Final = object()


class Environment:
    """One execution environment of a function, which serves one invocation at a time."""

    def __init__(self, number: int, variables: dict[str, str]) -> None:
        self.number = number
        self.variables = {key.encode(): value.encode() for key, value in variables.items()}
        self.caches: dict[Any, Any] = {}
        self.log_keys: dict[int, dict[str, Any]] = {}
        self.metrics: tuple[dict[str, Any], ...] = ({}, {}, {})
        self.event: Any = None
        self.context: Any = None
        self.requests: dict[int, dict[str, Any]] = {}
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self.log_bytes = 0

    def write(self, text: str) -> None:
        self.log.append(text)
        self.log_bytes += len(text.encode(errors="replace"))


class Stage:
    """Which environment is in place. Outside of all, the process is as it was before the platform came up."""

    def __init__(self) -> None:
        self.current: Environment | None = None
        self._own_variables: Any = None
        self._own_output: Any = None

    def place(self, environment: Environment | None) -> None:
        if environment is self.current:
            return
        if self.current is None:
            self._own_variables, self._own_output = os.environ._data, sys.stdout  # type: ignore[attr-defined]
        else:
            self._leave(self.current)
        self.current = environment
        if environment is None:
            os.environ._data, sys.stdout = self._own_variables, self._own_output  # type: ignore[attr-defined]
        else:
            self._enter(environment)

    def _leave(self, environment: Environment) -> None:
        environment.event = BaseRouter.__dict__.get("current_event")
        environment.context = BaseRouter.__dict__.get("lambda_context")
        environment.metrics = tuple(dict(part) for part in _metric_parts())

    def _enter(self, environment: Environment) -> None:
        # Replacing the mapping's dict costs nothing; setting each variable would call putenv for each.
        os.environ._data = environment.variables  # type: ignore[attr-defined]
        sys.stdout = output
        BaseRouter.current_event = environment.event
        BaseRouter.lambda_context = environment.context
        for part, kept in zip(_metric_parts(), environment.metrics, strict=True):
            part.clear()
            part.update(kept)


stage: Final = Stage()


def _metric_parts() -> Iterator[dict[str, Any]]:
    yield from (Metrics._metrics, Metrics._dimensions, Metrics._metadata)


class _LogKeys:
    """`LambdaPowertoolsFormatter.log_format`, kept per environment: it holds the correlation id."""

    def __get__(self, formatter: Any, owner: Any = None) -> Any:
        if formatter is None:
            return self
        if stage.current is None:
            return formatter.__dict__["log_format"]
        keys = stage.current.log_keys.get(id(formatter))
        if keys is None:
            keys = stage.current.log_keys[id(formatter)] = dict(formatter.__dict__["log_format"])
        return keys

    def __set__(self, formatter: Any, value: dict[str, Any]) -> None:
        if stage.current is None or "log_format" not in formatter.__dict__:
            formatter.__dict__["log_format"] = value
        if stage.current is not None:
            stage.current.log_keys[id(formatter)] = value


LambdaPowertoolsFormatter.log_format = _LogKeys()  # type: ignore[assignment]


class _Requests:
    """`BaseRouter.context`, kept per environment: what a router knows of the request it is in, and so who asks."""

    def __get__(self, router: Any, owner: Any = None) -> Any:
        if router is None:
            return self
        if stage.current is None:
            return router.__dict__["context"]
        return stage.current.requests.setdefault(id(router), {})

    def __set__(self, router: Any, value: dict[str, Any]) -> None:
        if stage.current is None or "context" not in router.__dict__:
            router.__dict__["context"] = value
        if stage.current is not None:
            stage.current.requests[id(router)] = value


BaseRouter.context = _Requests()  # type: ignore[assignment]


class Output:
    """Standard output as functions see it: the log of the environment on stage, or else where it always goes."""

    def write(self, text: str) -> int:
        if stage.current is not None:
            stage.current.write(text)
        elif sys.stdout is not self:
            sys.stdout.write(text)
        return len(text)

    def flush(self) -> None:
        return None

    def isatty(self) -> bool:
        return False


output: Final = Output()


def redirect_loggers() -> None:
    """Powertools' loggers keep the standard output that they met when they were made, which may be anyone's."""
    for logger in list(logging.Logger.manager.loggerDict.values()):
        for handler in getattr(logger, "handlers", []):
            if isinstance(handler, logging.StreamHandler) and isinstance(handler.formatter, LambdaPowertoolsFormatter):
                handler.stream = output


class EnvironmentCache:
    """`functools.cache` of a function's module: each environment has its own entries, as each process would."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._outside: dict[Any, Any] = {}

    def _entries(self) -> dict[Any, Any]:
        if stage.current is None:
            return self._outside
        entries: dict[Any, Any] = stage.current.caches.setdefault(self, {})
        return entries

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        entries = self._entries()
        key = (args, tuple(sorted(kwargs.items()))) if kwargs else args
        found = entries.get(key, _MISSING)
        if found is _MISSING:
            found = entries[key] = self._function(*args, **kwargs)
        return found

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def cache_clear(self) -> None:
        self._entries().clear()


class CodeRoots:
    """Where the code of functions lives, and so whose caches are per environment."""

    def __init__(self) -> None:
        self._packages: set[str] = set()

    def add(self, root: Path) -> None:
        """Put `functions/` and the layer of a project on the import path."""
        for folder in (root / "functions", root / "layers/common/python"):
            if folder.is_dir():
                if str(folder) not in sys.path:
                    sys.path.insert(0, str(folder))
                self._packages |= {child.stem for child in folder.iterdir() if not child.name.startswith((".", "__"))}

    def owns(self, function: Any) -> bool:
        return self.owns_module(str(getattr(function, "__module__", "")))

    def owns_module(self, name: str) -> bool:
        return name.partition(".")[0] in self._packages


code: Final = CodeRoots()
code.add(ROOT)


def _cache_per_environment() -> None:
    cache, lru_cache = functools.cache, functools.lru_cache

    def caching(function: Any) -> Any:
        return EnvironmentCache(function) if code.owns(function) else cache(function)

    def lru_caching(maxsize: Any = 128, typed: bool = False) -> Any:
        if callable(maxsize):
            return EnvironmentCache(maxsize) if code.owns(maxsize) else lru_cache(maxsize)
        bounded = lru_cache(maxsize, typed)
        return lambda function: EnvironmentCache(function) if code.owns(function) else bounded(function)

    functools.cache = caching
    functools.lru_cache = lru_caching


_cache_per_environment()


def refuse_shared_caches() -> None:
    """Raise if functions were imported before this module, so that what one of them caches another would see."""
    for name, module in list(sys.modules.items()):
        if code.owns_module(name):
            for attribute, value in list(vars(module).items()):
                if isinstance(value, functools._lru_cache_wrapper) and code.owns(value):
                    raise ImportError(f"import local.environments before {name}: its {attribute} is cached for all")
