import json
import threading
import time
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import time_machine
import uvicorn

from sandbox.easypost import EasyPostSandbox
from sandbox.server import SandboxServer
from sandbox.stripe import StripeSandbox

STRIPE_KEY, STRIPE_SECRET = "sk_test_1", "whsec_1"
EASYPOST_KEY, EASYPOST_SECRET = "EZTK1", "geheim"


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def stripe(clock):
    return StripeSandbox(STRIPE_KEY, STRIPE_SECRET, "http://127.0.0.1:8080")


@pytest.fixture
def easypost(clock):
    return EasyPostSandbox(EASYPOST_KEY, EASYPOST_SECRET, "http://127.0.0.1:8080")


@pytest.fixture
def call(stripe):
    """Call Stripe with a form; answers the status, the parsed body, and (on `call.headers`) the last headers."""

    def call(method, path, key=None, **params):
        headers = {"Authorization": f"Bearer {STRIPE_KEY}"} | ({"Idempotency-Key": key} if key else {})
        form = urlencode(params)
        target, body = (path, form) if method == "POST" else (f"{path}?{form}", "")
        status, call.headers, answer = stripe.handle(method, target, headers, body.encode())
        return status, json.loads(answer)

    return call


@pytest.fixture
def authorize(call):
    """Create and confirm an intent for order ord_1, held until it is captured."""

    def authorize(payment_method="pm_card_visa", amount=1999, key=None, **params):
        asked = {"amount": amount, "currency": "eur", "capture_method": "manual", "confirm": "true"}
        asked |= {"payment_method": payment_method, "metadata[order_id]": "ord_1", **params}
        return call("POST", "/v1/payment_intents", key, **asked)

    return authorize


@pytest.fixture(scope="module")
def served():
    """Both sandboxes over HTTP, and their address."""
    stripe = StripeSandbox(STRIPE_KEY, STRIPE_SECRET, "http://127.0.0.1:8080")
    easypost = EasyPostSandbox(EASYPOST_KEY, EASYPOST_SECRET, "http://127.0.0.1:8080")
    app = SandboxServer(stripe, easypost)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield SimpleNamespace(stripe=stripe, easypost=easypost, url=url)
    server.should_exit = True
    thread.join(5)
