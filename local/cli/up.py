"""`./commerce up`: the whole platform in this process, seeded, until it is told to stop."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final

import local.environments  # noqa: F401  before any function's module
from local.cli import output
from local.cli.seed import ADMIN, CUSTOMER, seed
from local.cli.synth import KEPT, SynthFailed, assembly
from local.server import PortBusy, Server

STATE: Final = KEPT / "local.json"


@contextlib.contextmanager
def running(port: int) -> Iterator[dict[str, Any]]:
    """The platform up and seeded at that port (0: any free one), and its `local.json` as a dictionary."""
    STATE.unlink(missing_ok=True)  # what a killed platform left behind leads nowhere
    try:
        with output.step("the cloud assembly"):
            templates = assembly()
        with output.step("the resources of its templates"):
            server = Server(templates, port=port).start()
    except PortBusy as error:
        raise output.Problem(str(error)) from error
    except SynthFailed as error:
        raise output.Problem(f"The CDK app cannot be synthesised:\n{error}") from error
    try:
        state = describe(server)
        with output.step("a catalogue, its stock, and two people"):
            seed(state)
        _write(STATE, state)
        yield state
        if server.engine.failure:
            raise output.Problem(f"The platform has stopped: {server.engine.failure}")
    finally:
        STATE.unlink(missing_ok=True)
        server.stop()


def describe(server: Server) -> dict[str, Any]:
    return {
        "api_url": server.api_url,
        "aws_endpoint_url": server.aws_endpoint_url,
        "console_url": server.console_url,
        "admin": ADMIN,
        "customer": CUSTOMER,
        "webhook_secrets": server.engine.call(lambda: server.platform.webhook_secrets),
    }


def run(port: int) -> None:
    started, stop = time.perf_counter(), _until_told()
    output.say("Starting the platform")
    with running(port) as state:
        output.say(f"\nReady in {time.perf_counter() - started:.1f} s. Ctrl-C stops it and leaves nothing behind.\n")
        output.say(f"  API          {state['api_url']}")
        output.say(f"  Console      {state['console_url']}")
        output.say(f"  AWS endpoint {state['aws_endpoint_url']}   (region eu-west-1, any credentials)")
        output.say(f"  Admin        {ADMIN['email']}  {ADMIN['password']}")
        output.say(f"  Customer     {CUSTOMER['email']}  {CUSTOMER['password']}\n")
        stop()
    output.say("Stopped.")


def _until_told() -> Any:
    """A function that waits for Ctrl-C or SIGTERM, which count from now on."""
    told: list[int] = []

    def tell(number: int, frame: FrameType | None) -> None:
        told.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, tell)

    def wait() -> None:
        with contextlib.suppress(KeyboardInterrupt):
            while not told:
                time.sleep(0.5)

    return wait


def _write(path: Path, state: dict[str, Any]) -> None:
    """Whole or not at all: who finds the file finds a running platform."""
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(state, indent=2) + "\n")
    fresh.replace(path)
