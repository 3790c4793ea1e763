"""Runs function code as Lambda would: own environment, own time-out, errors as Lambda tells them."""

import importlib
import json
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from local.assembly import REGION, Resource
from local.environments import Environment, redirect_loggers, refuse_shared_caches, stage
from local.identity import Caller
from local.scheduler import Scheduler, TimedOut
from local.seam import Crashed

INVOCATIONS_KEPT: Final = 20_000


@dataclass
class Function:
    """A function of the templates, with the environments that serve it."""

    name: str
    logical_id: str
    arn: str
    handler: str
    role: str
    timeout: float
    memory: int
    variables: dict[str, str]
    task_root: str  # its unpacked zip, for the files that it reads; its code runs from the source tree
    idle: list[Environment] = field(default_factory=list)
    environments: int = 0
    log_bytes: int = 0

    @classmethod
    def of(cls, resource: Resource, assets: Path, aws_url: str) -> "Function":
        """`aws_url` is where links to S3 lead that the function signs."""
        properties = resource.properties
        return cls(
            name=resource.ref,
            logical_id=resource.logical_id,
            arn=resource.arn,
            handler=properties["Handler"],
            role=properties["Role"],
            timeout=float(properties.get("Timeout", 3)),
            memory=int(properties.get("MemorySize", 128)),
            variables={
                "AWS_ENDPOINT_URL_S3": aws_url,
                **properties.get("Environment", {}).get("Variables", {}),
            },
            task_root=str(assets / f"asset.{properties['Code'].get('S3Key', '').removesuffix('.zip')}"),
        )


@dataclass(frozen=True)
class Invocation:
    """What became of one run."""

    function: str
    request_id: str
    started: float
    duration: float  # on the platform's clock
    busy: float  # seconds of this machine's processor, with what the services took that it called
    error: str | None
    log_bytes: int


@dataclass(frozen=True)
class Answer:
    payload: bytes
    error: str | None = None  # Lambda's FunctionError


class Context:
    """The `context` of a handler, as Lambda's Python runtime gives it."""

    def __init__(self, function: Function, request_id: str, deadline: float) -> None:
        self.function_name = function.name
        self.function_version = "$LATEST"
        self.invoked_function_arn = function.arn
        self.memory_limit_in_mb = function.memory
        self.aws_request_id = request_id
        self.log_group_name = f"/aws/lambda/{function.name}"
        self.log_stream_name = "local"
        self.identity = None
        self.client_context = None
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        return max(int((self._deadline - time.time()) * 1000), 0)


class Functions:
    def __init__(self, scheduler: Scheduler) -> None:
        self.by_name: dict[str, Function] = {}
        self.invocations: deque[Invocation] = deque(maxlen=INVOCATIONS_KEPT)
        self._scheduler = scheduler
        self._handlers: dict[str, Callable[[Any, Any], Any]] = {}
        scheduler.place = stage.place

    def add(self, function: Function) -> None:
        self.by_name[function.name] = function

    def named(self, name_or_arn: str) -> Function:
        parts = name_or_arn.split(":")
        return self.by_name[parts[6] if len(parts) > 6 else name_or_arn]

    def load(self) -> None:
        """Import every handler, so that a missing one is known now and the first request need not wait."""
        for function in self.by_name.values():
            self._handler(function)
        redirect_loggers()
        refuse_shared_caches()

    def run(self, name: str, payload: bytes) -> Answer:
        """Run to its end in a free environment, from within a task. A crash throws the environment away."""
        function = self.named(name)
        environment = function.idle.pop() if function.idle else self._environment(function)
        request_id = str(uuid4())
        caller = Caller("function", function.name, function.role, environment.number)
        clock_began, log_began = time.time(), environment.log_bytes
        task = self._scheduler.spawn(
            lambda: self._handle(function, payload, request_id),
            f"{function.name} {request_id}",
            identity=caller,
            process=environment,
            supervised=True,
        )
        task.deadline = clock_began + function.timeout
        task.finished.wait()
        written = environment.log_bytes - log_began
        function.log_bytes += written
        answer = self._answer(function, task.result, task.error, request_id)
        if not isinstance(task.error, Crashed | TimedOut):
            function.idle.append(environment)
        elapsed = time.time() - clock_began
        self.invocations.append(
            Invocation(function.name, request_id, clock_began, elapsed, task.used, answer.error, written)
        )
        return answer

    def _handle(self, function: Function, payload: bytes, request_id: str) -> bytes:
        task = self._scheduler.current
        assert task and task.deadline
        event = json.loads(payload)
        answer = self._handler(function)(event, Context(function, request_id, task.deadline))
        return json.dumps(answer, ensure_ascii=False, default=_refuse).encode()

    def _handler(self, function: Function) -> Callable[[Any, Any], Any]:
        if function.handler not in self._handlers:
            module, _, name = function.handler.rpartition(".")
            self._handlers[function.handler] = getattr(importlib.import_module(module), name)
        return self._handlers[function.handler]

    def _environment(self, function: Function) -> Environment:
        function.environments += 1
        return Environment(function.environments, _variables(function))

    def _answer(self, function: Function, result: Any, error: BaseException | None, request_id: str) -> Answer:
        match error:
            case None:
                return Answer(result)
            case TimedOut():
                message = f"{request_id} Task timed out after {function.timeout:.2f} seconds"
                return _failed("Sandbox.Timedout", message, [])
            case Crashed():
                return _failed("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited: {error}", [])
            case SystemExit():
                return _failed("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited", [])
            case Exception():
                return _failed(type(error).__name__, str(error), traceback.format_tb(error.__traceback__)[1:])
            case _:
                raise error


def _failed(kind: str, message: str, trace: list[str]) -> Answer:
    body = {"errorMessage": message, "errorType": kind, "stackTrace": trace}
    return Answer(json.dumps(body).encode(), "Unhandled")


def _refuse(value: object) -> Any:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _variables(function: Function) -> dict[str, str]:
    return {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "LAMBDA_TASK_ROOT": function.task_root,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "_HANDLER": function.handler,
        "_X_AMZN_TRACE_ID": "Root=1-695b7c10-000000000000000000000000;Parent=0000000000000000;Sampled=0",
        "POWERTOOLS_TRACE_DISABLED": "true",  # there is no X-Ray here
        "TZ": ":UTC",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        **function.variables,
    }
