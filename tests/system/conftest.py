"""The whole platform, from the synthesised templates, on the seeded driver; and a shop on it."""

import pytest

from local import privileges
from local.cli.synth import assembly as synthesised
from local.platform import Platform
from local.shop import Shop

ADMIN = "admin@commerce.example"


@pytest.fixture(scope="session")
def assembly():
    return synthesised()


@pytest.fixture(scope="session", autouse=True)
def recorded():
    """What every role was used for in this process, for `./commerce privileges`: in ours, whatever else a test runs."""
    with privileges.recorded(synthesised()):
        yield


@pytest.fixture(autouse=True)
def environment():
    """Functions have the environment of their templates here, not that of the unit tests."""


@pytest.fixture(scope="module")
def platform(assembly):
    with Platform.start(assembly, seed=0, throttle=False) as platform:
        yield platform


@pytest.fixture(scope="module")
def shop(platform):
    return Shop(platform.client(), platform.webhook_secrets)


@pytest.fixture(scope="module")
def staff(shop):
    return shop.join(ADMIN, "Grace")


@pytest.fixture(scope="module")
def ada(shop):
    return shop.join("ada@customer.example")
