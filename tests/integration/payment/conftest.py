"""The payment domain on moto, and Stripe as our sandbox has it, with answers that get lost on demand."""

import json
from collections import Counter, deque
from types import SimpleNamespace

import pytest
import time_machine
import urllib3

from common.entrypoint.pagination import Cursors
from common.infrastructure import resilience
from common.infrastructure.commit import Commit
from common.infrastructure.item import from_item
from payment import bootstrap, handlers
from sandbox.stripe import StripeSandbox

KEYS = {"api_key": "sandbox", "webhook_secret": "whsec_1"}
BASE = "https://api.stripe.com"
ORIGIN = {"actor": "place_order", "correlation_id": "r-1", "causation_id": "ord_1#1"}
PRICE = {"amount": 1999, "currency": "EUR"}


class Wire:
    """In place of the network. `lose("capture", "after")` loses the answer of the next capture, which takes effect."""

    def __init__(self, sandbox):
        self._sandbox = sandbox
        self._faults = deque()
        self.calls = []

    def lose(self, operation, when="after", times=1):
        self._faults.extend([(operation, when)] * times)

    def meanwhile(self, operation, act):
        """Something happens just before the next such call reaches Stripe."""
        self._faults.append((operation, act))

    def request(self, method, url, body=None, headers=None):
        assert url.startswith(BASE)
        path, body = url.removeprefix(BASE), body or b""
        operation = self._sandbox.operation(method, path, body)
        self.calls.append(operation)
        fault = next((fault for fault in self._faults if fault[0] == operation), (None, None))
        if fault[0]:
            self._faults.remove(fault)
        if callable(fault[1]):
            fault[1]()
        if fault[1] == "unreachable":
            raise urllib3.exceptions.NewConnectionError(None, "no way there")
        if fault[1] == "before":
            raise urllib3.exceptions.ReadTimeoutError(None, url, "no answer")
        status, answered, content = self._sandbox.handle(method, path, headers, body)
        if fault[1] == "after":
            raise urllib3.exceptions.ReadTimeoutError(None, url, "no answer")
        return urllib3.HTTPResponse(content, answered, status)


@pytest.fixture
def clock():
    with time_machine.travel("2024-05-01T00:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def sandbox(clock):
    return StripeSandbox(KEYS["api_key"], KEYS["webhook_secret"], "http://127.0.0.1:8080")


@pytest.fixture
def wire(sandbox, monkeypatch):
    wire = Wire(sandbox)
    monkeypatch.setattr(resilience, "_connections", lambda: wire)
    return wire


@pytest.fixture(autouse=True)
def till(tables, wire, monkeypatch):
    """The domain's tables, empty."""
    monkeypatch.setenv("RETURN_URL", "https://shop.example/orders/{order_id}")
    dynamodb = tables("payment")
    monkeypatch.setattr(bootstrap, "stripe_keys", lambda: KEYS)
    monkeypatch.setattr(handlers, "stripe_keys", lambda: KEYS)
    monkeypatch.setattr(handlers, "cursors", lambda: Cursors(b"key"))
    return dynamodb


@pytest.fixture
def step(context):
    """A step of a saga, as Step Functions sends it."""

    def step(type, order_id="ord_1", **fields):
        command = {"type": type, "order_id": order_id, "at": "2024-05-01T00:00:00Z", **fields}
        return handlers.tasks({"command": command, "origin": ORIGIN}, context)

    return step


@pytest.fixture
def authorize(step):
    def authorize(payment_method="pm_card_visa", order_id="ord_1", customer_id="cus_ada", amount=PRICE):
        fields = {"customer_id": customer_id, "amount": amount, "payment_method": payment_method}
        return step("AuthorizePayment", order_id, **fields)

    return authorize


@pytest.fixture
def call(http):
    def call(method, route, *, payment_id="pay_1", caller="cus_ada", **how):
        path = route.replace("{payment_id}", payment_id)
        return http(handlers.api, method, route, path=path, caller=caller, **how)

    return call


@pytest.fixture
def payment(call):
    """As its customer sees it: the status and what is not zero."""

    def payment(payment_id="pay_1"):
        seen = call("GET", "/payments/{payment_id}", payment_id=payment_id).body
        names = ("authorized", "captured", "voided", "refunded")
        return SimpleNamespace(
            status=seen["status"],
            money={name: seen[name]["amount"] for name in names if seen[name]["amount"]},
            next_action=seen.get("next_action"),
        )

    return payment


@pytest.fixture
def told(till):
    """The types of the events in a payment's stream, or the messages as the relay would publish them."""

    def told(payment_id="pay_1"):
        return [message["type"] for message in told.messages() if message["subject"] == payment_id]

    def messages():
        commits = [from_item(Commit, item) for item in till.scan(TableName="commerce-payment-events")["Items"]]
        commits.sort(key=lambda commit: (commit.stream, commit.version))
        return [message.model_dump(mode="json") for commit in commits for message in commit.messages("payment")]

    told.messages = messages
    return told


@pytest.fixture
def effects(sandbox):
    """How often money was moved at Stripe, by kind."""
    return lambda order_id="ord_1": dict(Counter(operation.kind for operation in sandbox.effects(order_id)))


@pytest.fixture
def webhook(http, clock):
    """Send a webhook of the sandbox's, or a body of one's own with headers of one's own."""

    def webhook(sent=None, *, body=None, headers=None, at=None):
        body = body if body is not None else sent.body.decode()
        headers = headers if headers is not None else {k.lower(): v for k, v in sent.headers.items()}
        return http(handlers.api, "POST", "/payments/webhooks/stripe", body=body, headers=headers, at=at)

    return webhook


@pytest.fixture
def act(sandbox):
    """The customer passes the bank's check, or fails it."""

    def act(outcome="complete"):
        intent = next(intent for intent in sandbox._account.intents.values() if intent["status"] == "requires_action")
        path = f"/_local/sandbox/stripe/authenticate/{intent['id']}"
        status, _, answer = sandbox.page("GET", path, f"outcome={outcome}")
        assert status == 200, answer
        return json.loads(answer)

    return act
