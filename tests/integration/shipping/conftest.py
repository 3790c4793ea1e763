"""Shipping's front doors, and EasyPost's sandbox beneath the adapter, in place of the network."""

import json
from types import SimpleNamespace

import pytest
import urllib3

from cdk.patterns.table import table
from common.entrypoint.pagination import Cursors
from common.infrastructure import resilience
from common.infrastructure.commit import Commit
from common.infrastructure.item import from_item
from sandbox.easypost import EasyPostSandbox
from shipping import bootstrap, handlers
from shipping.events import Destination

SECRET = "sécret"
ADDRESS = {"name": "Ada", "line1": "1 Loop", "line2": None, "city": "Berlin", "postal_code": "10115", "country": "DE"}
ORDER = {
    "order_id": "ord_1",
    "customer_id": "cus_ada",
    "items": [{"sku": "mug", "quantity": 2, "name": "Mug", "unit_price": {"amount": 750, "currency": "EUR"}}],
    "shipping_method": "standard",
    "payment_id": "pay_1",
}
MUG = (("mug", 1),)
ORIGIN = {"actor": "cancel_order", "correlation_id": "r-1", "causation_id": "ord_1#2"}
SENDER = {"company": "Commerce", "street1": "Lager 1", "city": "Berlin", "zip": "10115", "country": "DE"}


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


@pytest.fixture(autouse=True)
def shop(tables, person_keys, monkeypatch, wire):
    dynamodb = tables("shipping")
    monkeypatch.setenv("EASYPOST_SECRET", "commerce/easypost")
    monkeypatch.setenv("SENDER", json.dumps(SENDER))
    monkeypatch.setenv("SHIPPING_RATES", table("shipping_rates"))
    secret = {"api_key": "sandbox", "webhook_secret": SECRET}
    monkeypatch.setattr(bootstrap, "carrier_keys", lambda: secret)
    monkeypatch.setattr(handlers, "cursors", lambda: Cursors(b"key"))
    monkeypatch.setattr(handlers, "carrier_keys", lambda: secret)
    return dynamodb


@pytest.fixture
def sell(deliver, message):
    def sell(sku, *, sequence=1, type="ProductCreated", currency="EUR", attributes=None):
        product = {"sku": sku, "price": {"amount": 750, "currency": currency}, "attributes": attributes or {}}
        told = message("catalog", type, f"prd_{sku}", {"product": product}, sequence=sequence)
        assert deliver(handlers.consumer, told, told) == []

    return sell


@pytest.fixture
def confirm(deliver, message):
    def confirm(**changes):
        address = bootstrap.person_keys().seal("cus_ada", Destination(**ADDRESS)).model_dump()
        order = ORDER | {"shipping_address": address} | changes
        assert (
            deliver(handlers.consumer, message("order", "OrderConfirmed", order["order_id"], order, sequence=2)) == []
        )

    return confirm


@pytest.fixture
def call(http):
    def call(method, route, *, id=None, caller="cus_ada", **how):
        path = route.replace("{id}", id) if id else route
        return http(handlers.api, method, route, path=path, caller=caller, **how)

    return call


@pytest.fixture
def dispatch(call):
    def dispatch(id="shp_1", key="k", **how):
        return call("POST", "/shipments/{id}/dispatch", id=id, key=key, caller="cus_staff", roles="staff", **how)

    return dispatch


@pytest.fixture
def split(call):
    def split(items=MUG, id="shp_1", key="s", caller="cus_staff", roles="staff", **how):
        body = {"items": [{"sku": sku, "quantity": quantity} for sku, quantity in items]}
        return call("POST", "/shipments/{id}/split", id=id, key=key, caller=caller, roles=roles, **{"body": body} | how)

    return split


@pytest.fixture
def listed(call):
    def listed(**how):
        return call("GET", "/shipments", query={"order_id": "ord_1"}, **how).body["items"]

    return listed


@pytest.fixture
def read(call):
    return lambda **how: call("GET", "/shipments/{id}", id="shp_1", **how).body


@pytest.fixture
def cancel(context):
    def cancel(order="ord_1"):
        command = {"type": "CancelShipment", "order_id": order, "at": "2024-05-01T01:00:00Z"}
        return handlers.tasks({"command": command, "origin": ORIGIN}, context)

    return cancel


@pytest.fixture
def send(http):
    """A webhook as EasyPost owes it."""

    def send(webhook, **headers):
        signed = {name.lower(): value for name, value in webhook.headers.items()} | headers
        return http(handlers.api, "POST", "/shipping/webhooks/easypost", body=webhook.body.decode(), headers=signed)

    return send


@pytest.fixture
def events(shop):
    """All that was committed, one message per event, in order."""

    def events():
        items = shop.scan(TableName="commerce-shipping-events")["Items"]
        found = [message for item in items for message in from_item(Commit, item).messages("shipping")]
        return sorted(found, key=lambda each: (each.subject, each.sequence))

    return events


@pytest.fixture
def types(events):
    return lambda: [each.type for each in events()]


@pytest.fixture
def labels(easypost):
    return lambda: [operation.kind for operation in easypost.log]
