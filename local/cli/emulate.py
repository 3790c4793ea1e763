"""`./commerce emulate`: the real `cdk bootstrap` and `cdk deploy` to ministack, and two stories over its HTTP API."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Final

import httpx

from local.cli import output
from local.cli.synth import ROOT, STATE, ready
from local.cli.whereabouts import HOST
from local.emulator import deploying, fitting, ministack
from local.emulator.ministack import Emulator
from local.emulator.shop import DeployedShop, front_door, provider_keys
from local.emulator.stories import STORIES, People
from local.shop import Refused

FITTED: Final = STATE / "emulator"
SANDBOX_LOG: Final = STATE / "sandbox.log"


def run() -> None:
    """Raise output.Problem where something does not go as it should."""
    sandbox = ministack.free_port()
    with output.step("ministack and the CDK's command line"):
        ministack.install()
        deploying.install()
    with output.step("the cloud assembly, with a layer for this machine"):
        fitting.fit(ready(), FITTED, f"http://{HOST}:{sandbox}")
    with contextlib.ExitStack() as up:
        with output.step("ministack"):
            emulator = up.enter_context(ministack.running())
        with output.step("cdk bootstrap"):
            deploying.bootstrap(emulator, FITTED)
        with output.step("cdk deploy --all"):
            outputs = deploying.deploy(emulator, FITTED)
        client = up.enter_context(front_door(emulator, outputs["Api"]["Url"]))
        up.enter_context(_providers(emulator, sandbox))
        _play(DeployedShop(emulator, client, {"easypost": provider_keys(emulator, "easypost")["webhook_secret"]}))
    output.heading("It stands without our laptop cloud.")


def _play(shop: DeployedShop) -> None:
    try:
        with output.step("two people register, confirm by mail and sign in"):
            people = People(shop)
        for story in STORIES:
            with output.step(str(story.__doc__)):
                story(people)
    except (Refused, httpx.HTTPError) as failure:
        raise output.Problem(f"{failure}\nWhat ministack said is in {ministack.LOG.relative_to(ROOT)}.") from failure


@contextlib.contextmanager
def _providers(emulator: Emulator, port: int) -> Iterator[None]:
    """Our sandboxes in the place of Stripe and EasyPost, with the keys that were deployed."""
    keys = {provider: provider_keys(emulator, provider) for provider in ("stripe", "easypost")}
    words = [sys.executable, "-m", "sandbox.server", "--port", str(port)]
    for provider, known in keys.items():
        words += [f"--{provider}-key={known['api_key']}", f"--{provider}-webhook-secret={known['webhook_secret']}"]
    with SANDBOX_LOG.open("w") as log, ministack.process(words, {"PYTHONPATH": str(ROOT)}, log, ROOT):
        time.sleep(1)
        yield
