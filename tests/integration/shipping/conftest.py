"""EasyPost's sandbox beneath the adapter, in place of the network."""

from types import SimpleNamespace

import pytest
import urllib3

from common.infrastructure import resilience
from sandbox.easypost import EasyPostSandbox

SECRET = "sécret"


class Wire:
    """Stands in for urllib3's pool. `faults` are taken one per call: refused, lost_before, lost_after."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.faults = {}  # by operation
        self.calls = []  # operations, as they are sent

    def request(self, method, url, body, headers):
        path = url.removeprefix("https://api.easypost.com")
        assert path != url, "there is no other host"
        operation = self.sandbox.operation(method, path, body or b"")
        self.calls.append(operation)
        fault = self.faults.pop(operation, None)
        if fault == "refused":
            raise urllib3.exceptions.NewConnectionError(None, "refused")
        if fault == "lost_before":
            raise urllib3.exceptions.ReadTimeoutError(None, url, "no answer")
        status, _, data = self.sandbox.handle(method, path, headers, body or b"")
        if fault == "lost_after":
            raise urllib3.exceptions.ReadTimeoutError(None, url, "no answer")
        return SimpleNamespace(status=status, data=data)


@pytest.fixture
def easypost():
    return EasyPostSandbox("sandbox", SECRET, "http://localhost")


@pytest.fixture
def wire(easypost, monkeypatch):
    wire = Wire(easypost)
    monkeypatch.setattr(resilience, "_connections", lambda: wire)
    return wire
