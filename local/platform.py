"""The laptop cloud as one object: what the templates say, running, with a clock and a seam."""

import local.lean  # noqa: F401, I001  before what it keeps lean

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from botocore.awsrequest import AWSResponse

from local import limits, moto_hooks, moto_patches, resources
from local.api_call import ApiCall
from local.assembly import Assembly, Provisioner, Resource
from local.carriage import Carriage
from local.client import InProcess, Pending
from local.clock import Clock
from local.environments import ROOT, code, stage
from local.functions import Function, Functions
from local.gateway import Gateway
from local.http import Headers, Request, Response, pairs
from local.iam import Iam
from local.identity import OPERATOR, Caller
from local.invocations import AsyncInvocations
from local.mail_events import MailEvents
from local.mailbox import Mailbox
from local.moto_routes import MotoRoutes
from local.providers import Providers
from local.queues import QueueCarrier
from local.randomness import Randomness, rsa_keys
from local.resource_policies import ResourcePolicies
from local.resources.aws import Aws
from local.rules import Rules
from local.sagas import Execution, Sagas
from local.scheduler import EngineFailure, Scheduler, Task
from local.schedules import Schedules
from local.seam import Seam
from local.streams import StreamCarrier
from local.targets import Targets
from local.transport import Transport
from local.webhooks import Webhooks

T = TypeVar("T")
PATIENCE = 900.0  # seconds of the platform's clock that `settle` is ready to let pass
CALLS_KEPT = 20_000


class NotSettled(Exception):
    """Something is still on its way after all the time that was given."""


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
        aws_url: str = "http://127.0.0.1:4566",
        throttle: bool = True,
    ) -> None:
        if moto_hooks.current() is not None:
            raise RuntimeError("a platform is already up in this process; stop it first")
        code.add(root)
        self.public_url, self.aws_url = public_url, aws_url
        self.assembly = assembly
        self._stopped = False
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
        """The deterministic platform: it runs only within its methods, and the same seed gives the same run."""
        return cls(assembly, root=root, seed=seed, public_url=public_url, throttle=throttle)

    def _build(self, assembly: Assembly, seed: int | None, ticking: bool, throttle: bool) -> None:
        if self._randomness:
            self._randomness.install()
        moto_patches.install()
        moto_patches.reset()
        rsa_keys.restart()
        self.scheduler = Scheduler(self.clock, seed)
        self.seam = Seam(self.scheduler, keep=CALLS_KEPT, keep_parameters=not ticking)
        self.functions = Functions(self.scheduler)
        self._transport = Transport(self.scheduler, self.seam, self._guard, self.aws_url)
        self._transport.records_twice = self._records_twice
        self._transport.install()
        self.operator = Aws()
        self._streams: dict[str, list[StreamCarrier]] = {}
        self.queues: dict[str, list[QueueCarrier]] = {}
        moto_hooks.connect(
            moto_hooks.Hooks(
                scheduler=self.scheduler,
                invoke=self._invoke,
                on_record=lambda table: _wake(self._streams.get(table, [])),
                on_message=lambda queue: _wake(self.queues.get(queue, [])),
                on_event=lambda rule, event: self.rules.consider(rule, event),
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
        self._connect_providers()
        if self._randomness:
            self._randomness.restart()

    def _carry(self, throttle: bool) -> None:
        self.iam = Iam(self.resources)
        policies = ResourcePolicies(self.resources)
        self.carriage = Carriage(self.scheduler, self.seam, self.functions, self.iam, policies)
        for resource in self.of_type("AWS::Lambda::Function"):
            self.functions.add(Function.of(resource, self.assembly, self.aws_url))
        self.functions.load()
        self.invocations = AsyncInvocations(self.carriage, self.of_type("AWS::Lambda::EventInvokeConfig"))
        targets = Targets(self.carriage, self.invocations)
        self.rules = Rules(self.carriage, targets)
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
            self.queues.setdefault(queue.queue, []).append(queue)

    def _connect_providers(self) -> None:
        providers = Providers(self.resources, self.operator, self.public_url)
        self.stripe, self.easypost = providers.stripe, providers.easypost
        self.webhook_secrets = providers.webhook_secrets
        self._transport.providers = providers.by_host
        self.scheduler.look_for_work = Webhooks(self.carriage, self.gateway.handle, providers.senders).collect
        self.mailbox = Mailbox()
        told = MailEvents(self.carriage, self.of_type("AWS::SES::ConfigurationSetEventDestination"))

        def notice(call: ApiCall, answer: AWSResponse) -> None:
            self.mailbox.notice(call)
            told.notice(call, answer)

        self._transport.notice = notice

    @property
    def moto(self) -> MotoRoutes:
        return self._transport.routes

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

    def operate(self, action: Callable[[], Any]) -> Task:
        """Start what the operator does as a task, because it may have to wait."""
        return self.scheduler.spawn(action, "operator", identity=OPERATOR, supervised=True)

    def start_request(
        self, method: str, target: str, headers: Mapping[str, str] | Headers | None = None, body: bytes = b""
    ) -> Pending:
        """Put a request on its way. Requests that are on their way together interleave as the seed says."""
        return Pending(self, self.serve(Request(method, target, pairs(headers), body)))

    def request(
        self, method: str, target: str, headers: Mapping[str, str] | Headers | None = None, body: bytes = b""
    ) -> Response:
        return self.answer(Request(method, target, pairs(headers), body))

    def answer(self, request: Request) -> Response:
        return Pending(self, self.serve(request)).result()

    def client(self, **options: Any) -> httpx.Client:
        """An ordinary HTTP client, whose requests come in here, those to /_local/ too."""
        return httpx.Client(transport=InProcess(self), base_url="http://commerce.local", **options)

    def invoke(self, function: str, event: Any) -> Any:
        """Run a function by hand; return what it answers, or raise RuntimeError with its error."""
        payload = json.dumps(event).encode()
        task = self.operate(lambda: self.functions.run(function, payload))
        self.finish(task)
        answer = task.outcome()
        if answer.error:
            raise RuntimeError(answer.payload.decode())
        return json.loads(answer.payload)

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

    def unread(self, table: str) -> Iterator[dict[str, Any]]:
        """The keys of the items whose news its stream still carries."""
        for stream in self._streams.get(table, []):
            yield from stream.unread()

    def now(self) -> float:
        return self.clock.now()

    def call(self, action: Callable[[], T]) -> T:
        return action()

    def settled(self, timeout_s: float) -> bool:
        try:
            self.settle(timeout_s)
        except NotSettled:
            return False
        return True

    def move(self, seconds: float) -> None:
        self.advance(seconds)

    @property
    def executions(self) -> list[Execution]:
        return self.sagas.executions()

    def stop(self) -> None:
        """Undo all that coming up changed in the process, as far as it had come. A second call does nothing."""
        if self._stopped:
            return
        self._stopped = True
        if hasattr(self, "scheduler"):
            self.scheduler.stop()
        if hasattr(self, "_transport"):
            self._transport.uninstall()
        stage.place(None)
        moto_hooks.connect(None)
        if self._randomness:
            self._randomness.uninstall()
        self.clock.stop()

    def __enter__(self) -> "Platform":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _guard(self, call: ApiCall) -> None:
        limits.check(call)
        self.iam.authorise(self.seam.caller, call)

    @contextmanager
    def _records_twice(self) -> Iterator[None]:
        """Streams deliver what is written meanwhile a second time."""
        ends = [(stream, stream.end) for streams in self._streams.values() for stream in streams]
        yield
        for stream, end in ends:
            stream.repeat(end)

    def _invoke(self, function: str, payload: bytes, *, asynchronous: bool) -> tuple[bytes, bool]:
        if asynchronous:
            self.invocations.accept(function, payload)
            return b"", False
        answer = self.functions.run(function, payload)
        return answer.payload, answer.error is not None


def _wake(carriers: list[StreamCarrier] | list[QueueCarrier]) -> None:
    for carrier in carriers:
        carrier.wake()
