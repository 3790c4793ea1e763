"""The laptop cloud as one object: what the templates say, running, with a clock and a seam."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
import moto.backends  # noqa: F401 - before the first request is routed
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data

from local import moto_hooks, moto_patches, resources
from local.assembly import Assembly, Provisioner, Resource
from local.carriage import Carriage
from local.clock import Clock
from local.environments import ROOT, Output, code, stage
from local.functions import Function, Functions
from local.gateway import Gateway
from local.http import Headers, Request, Response, pairs
from local.identity import Caller
from local.invocations import AsyncInvocations
from local.queues import QueueCarrier
from local.randomness import Randomness, rsa_keys
from local.resources.aws import Aws
from local.rules import Rules
from local.sagas import Execution, Sagas
from local.scheduler import EngineFailure, Scheduler, Task
from local.schedules import Schedules
from local.seam import Seam
from local.streams import StreamCarrier
from local.targets import Targets
from local.transport import Transport

T = TypeVar("T")
PATIENCE = 900.0  # seconds of the platform's clock that `settle` is ready to let pass
CALLS_KEPT = 50_000


class NotSettled(Exception):
    """Something is still on its way after all the time that was given."""


class Pending:
    """A request on its way; others may be too."""

    def __init__(self, platform: "Platform", task: Task) -> None:
        self._platform, self._task = platform, task

    @property
    def done(self) -> bool:
        return self._task.finished.is_set()

    def result(self) -> Response:
        self._platform.finish(self._task)
        response: Response = self._task.outcome()
        return response


class Platform:
    """One at a time per process. Make it with `start`, end it with `stop`, or use it in a `with` statement."""

    def __init__(
        self,
        assembly: Path,
        *,
        root: Path = ROOT,
        seed: int | None = 0,
        ticking: bool = False,
        public_url: str = "http://127.0.0.1:8080",
        throttle: bool = True,
    ) -> None:
        code.add(root)
        self.public_url = public_url
        self.clock = Clock(ticking=ticking)
        self._randomness = None if seed is None else Randomness(seed)
        try:
            self._build(Assembly(assembly), seed, ticking, throttle)
        except BaseException:
            self.stop()
            raise

    @classmethod
    def start(
        cls,
        assembly: Path,
        *,
        root: Path = ROOT,
        seed: int = 0,
        public_url: str = "http://127.0.0.1:8080",
        throttle: bool = True,
    ) -> "Platform":
        """The deterministic platform: nothing runs but within the methods below, and the same seed gives the same run."""
        return cls(assembly, root=root, seed=seed, public_url=public_url, throttle=throttle)

    def _build(self, assembly: Assembly, seed: int | None, ticking: bool, throttle: bool) -> None:
        if self._randomness:
            self._randomness.install()
        moto_patches.install()
        _forget_everything()
        self._output = Output.install()
        self.scheduler = Scheduler(self.clock, seed)
        self.seam = Seam(self.scheduler, keep=CALLS_KEPT if ticking else None, keep_parameters=not ticking)
        self.functions = Functions(self.scheduler)
        self.carriage = Carriage(self.scheduler, self.seam, self.functions)
        self._transport = Transport(self.scheduler, self.seam, guard=lambda call: None)
        self._transport.install()
        self.operator = Aws()
        self._streams: dict[str, list[StreamCarrier]] = {}
        self._queues: dict[str, list[QueueCarrier]] = {}
        moto_hooks.connect(
            moto_hooks.Hooks(
                scheduler=self.scheduler,
                invoke=self._invoke,
                on_record=lambda table: _wake(self._streams.get(table, [])),
                on_message=lambda queue: _wake(self._queues.get(queue, [])),
                on_event=lambda rule, event: self._rules.consider(rule, event),
                saga=lambda execution: self.sagas.identity(execution),
            )
        )
        provisioner = Provisioner(
            lambda kind, name, properties: resources.create(self.operator, kind, name, properties)
        )
        provisioner.provision(assembly)
        self.resources = provisioner.resources
        self.outputs = provisioner.outputs
        self._carry(throttle)

    def _carry(self, throttle: bool) -> None:
        for resource in self.of_type("AWS::Lambda::Function"):
            self.functions.add(_function(resource))
        self.functions.load()
        self.invocations = AsyncInvocations(self.carriage, self.of_type("AWS::Lambda::EventInvokeConfig"))
        targets = Targets(self.carriage, self.invocations)
        self._rules = Rules(self.carriage, targets)
        self.sagas = Sagas(self.of_type("AWS::StepFunctions::StateMachine"))
        self.gateway = Gateway(self.carriage, self.resources, throttle=throttle)
        for mapping in self.of_type("AWS::Lambda::EventSourceMapping"):
            if mapping.properties.get("Enabled", True):
                self._follow(mapping)
        schedules = Schedules(self.carriage, targets)
        for resource in self.of_type("AWS::Events::Rule") + self.of_type("AWS::Scheduler::Schedule"):
            schedules.follow(resource)

    def _follow(self, mapping: Resource) -> None:
        if ":dynamodb:" in mapping.properties["EventSourceArn"]:
            stream = StreamCarrier(self.carriage, mapping)
            self._streams.setdefault(stream.table, []).append(stream)
        else:
            queue = QueueCarrier(self.carriage, mapping)
            self._queues.setdefault(queue.queue, []).append(queue)

    def provide(self, host: str, service: str, sandbox: Any) -> None:
        """Let function code reach a sandbox under the provider's host name."""
        self._transport.providers[host] = (service, sandbox)

    def of_type(self, kind: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.type == kind]

    def serve(self, request: Request) -> Task:
        """Start a request as a task; its outcome is the response."""
        identity = Caller("carrier", "gateway")
        return self.scheduler.spawn(
            lambda: self.gateway.handle(request),
            f"{request.method} {request.target}",
            identity=identity,
            supervised=True,
        )

    def start_request(
        self, method: str, target: str, headers: Mapping[str, str] | Headers | None = None, body: bytes = b""
    ) -> Pending:
        """Put a request on its way. Requests that are on their way together interleave as the seed says."""
        return Pending(self, self.serve(Request(method, target, pairs(headers), body)))

    def request(
        self, method: str, target: str, headers: Mapping[str, str] | Headers | None = None, body: bytes = b""
    ) -> Response:
        return self.start_request(method, target, headers, body).result()

    def client(self, **options: Any) -> httpx.Client:
        """An ordinary HTTP client, whose requests come in here."""
        return httpx.Client(transport=_InProcess(self), base_url="http://commerce.local", **options)

    def invoke(self, function: str, event: Any) -> Any:
        """Run a function as the operator would; return its answer, or raise RuntimeError with its error."""
        task = self.carriage.go("operator:invoke", lambda: self.carriage.invoke(function, event))
        self.finish(task)
        answer = task.outcome()
        if answer.error:
            raise RuntimeError(answer.payload.decode())
        return answer

    def finish(self, task: Task) -> None:
        """Run until the task has ended."""
        if not self.scheduler.run(task.finished.is_set, until=float("inf"), patience=float("-inf")):
            raise EngineFailure(f"{task.name} waits for something that will not happen by itself")

    def settle(self, timeout_s: float = PATIENCE) -> None:
        """Run until nothing is on its way; raise NotSettled if that takes longer, on the platform's clock."""
        patience = self.clock.now() + timeout_s
        self.scheduler.run(lambda: False, until=patience, patience=patience)
        due = self.scheduler.work_due(patience)
        if due is not None:
            raise NotSettled(f"work is on its way that falls due {due - self.clock.now():.0f} s from now")

    def advance(self, seconds: float) -> None:
        """Move the clock; what falls due on the way runs at its time."""
        self.scheduler.run_to(self.clock.now() + seconds)

    def now(self) -> float:
        return self.clock.now()

    @property
    def executions(self) -> list[Execution]:
        return self.sagas.executions()

    def stop(self) -> None:
        for part, end in (
            ("scheduler", lambda: self.scheduler.stop()),
            ("_transport", lambda: self._transport.uninstall()),
            ("_output", lambda: self._output.uninstall()),
        ):
            if hasattr(self, part):
                end()
        stage.place(None)
        moto_hooks.connect(None)
        if self._randomness:
            self._randomness.uninstall()
        self.clock.stop()

    def __enter__(self) -> "Platform":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _invoke(self, function: str, payload: bytes, *, asynchronous: bool) -> tuple[bytes, bool]:
        if asynchronous:
            self.invocations.accept(function, payload)
            return b"", False
        answer = self.functions.run(function, payload)
        return answer.payload, answer.error is not None


class _InProcess(httpx.BaseTransport):
    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._platform.request(
            request.method, request.url.raw_path.decode(), tuple(request.headers.multi_items()), request.read()
        )
        cookies = [("set-cookie", cookie) for cookie in response.cookies]
        return httpx.Response(response.status, headers=[*response.headers.items(), *cookies], content=response.body)


def _wake(carriers: list[StreamCarrier] | list[QueueCarrier]) -> None:
    for carrier in carriers:
        carrier.wake()


def _forget_everything() -> None:
    BackendDict.reset()
    reset_model_data()
    moto_patches.reset()
    rsa_keys.restart()


def _function(resource: Resource) -> Function:
    properties = resource.properties
    return Function(
        name=resource.ref,
        logical_id=resource.logical_id,
        arn=resource.arn,
        handler=properties["Handler"],
        role=properties["Role"],
        timeout=float(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        variables=properties.get("Environment", {}).get("Variables", {}),
    )
