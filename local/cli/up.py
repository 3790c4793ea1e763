"""`./commerce up`: the whole platform in this process, seeded, until it is told to stop."""

import contextlib
import gc
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import httpx

from local.cli import output
from local.cli.seed import ADMIN, CUSTOMER, seed
from local.cli.synth import ready
from local.cli.whereabouts import Whereabouts, announced, claim, client
from local.shop import Refused

if TYPE_CHECKING:
    from local.server import Server


def run(port: int) -> None:
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.perf_counter()
    output.say("Starting the platform")
    with contextlib.suppress(KeyboardInterrupt), platform(port) as server:
        found = whereabouts(server)
        with announced(found):
            _welcome(found, time.perf_counter() - started)
            server.engine.ended.wait()
            raise output.Problem(f"The platform has broken down: {server.engine.failure}")
    output.say("Stopped.")


@contextlib.contextmanager
def platform(port: int) -> Iterator["Server"]:
    """One that is up and seeded, at that port (0: any free one)."""
    claim(port)
    with output.step("the cloud assembly"):
        assembly = ready()
    with output.step("its resources"), _all_of_it_needed():
        server = _start(assembly, port)
    try:
        with output.step("a catalogue with stock, and two people"), client({"api_url": server.api_url}) as front_door:
            _seed(front_door)
        yield server
    finally:
        server.stop()


def whereabouts(server: "Server") -> Whereabouts:
    return {
        "api_url": server.api_url,
        "aws_endpoint_url": server.aws_endpoint_url,
        "console_url": server.console_url,
        "admin": ADMIN,
        "customer": CUSTOMER,
        "webhook_secrets": server.engine.call(lambda: server.platform.webhook_secrets),
    }


@contextlib.contextmanager
def _all_of_it_needed() -> Iterator[None]:
    """What comes up stays: looking for garbage among it would be a sixth of the work."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _start(assembly: Path, port: int) -> "Server":
    import local.environments  # noqa: F401  before any function's module
    from local.assembly import AssemblyError
    from local.server import PortBusy, Server

    try:
        return Server(assembly, port=port).start()
    except (PortBusy, AssemblyError) as error:
        raise output.Problem(str(error)) from error


def _seed(front_door: httpx.Client) -> None:
    try:
        seed(front_door)
    except (Refused, LookupError, httpx.HTTPError) as error:
        raise output.Problem(f"The platform came up, but does not do what it should. {error}") from error


def _welcome(found: Whereabouts, seconds: float) -> None:
    output.say(f"\nReady in {seconds:.1f} s. Ctrl-C stops it and leaves nothing behind.\n")
    output.say(f"  API           {found['api_url']}")
    output.say(f"  Console       {found['console_url']}")
    output.say(f"  AWS endpoint  {found['aws_endpoint_url']}   (region eu-west-1, any credentials)")
    for role in ("admin", "customer"):
        output.say(f"  {role.title():<13} {found[role]['email']}   password: {found[role]['password']}")


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
