"""An order through its front doors: from what API Gateway, Step Functions and the queue send, down to the tables."""

import pytest

from cdk.patterns.table import table
from common.entrypoint.pagination import Cursors
from common.infrastructure.commit import Commit
from common.infrastructure.item import from_item
from order import handlers

ADDRESS = {"name": "Ada", "line1": "1 Loop", "city": "Berlin", "postal_code": "10115", "country": "DE"}
TWO_MUGS = {
    "items": [{"sku": "mug", "quantity": 2}],
    "shipping_address": ADDRESS,
    "shipping_method": "standard",
    "payment_method": "pm_card_visa",
}
ORIGIN = {"actor": "place_order", "correlation_id": "r-1", "causation_id": "ord#1"}


def euro(cents):
    return {"amount": cents, "currency": "EUR"}


def product(sku="mug", amount=750, status="active", **attributes):
    what = {"sku": sku, "name": sku.title(), "price": euro(amount), "status": status, "attributes": attributes}
    return {"product": what}


@pytest.fixture(autouse=True)
def shop(tables, person_keys, deliver, message, monkeypatch):
    dynamodb = tables("order")
    for name in ("shipping_rates", "tax_rates"):
        monkeypatch.setenv(name.upper(), table(name))
    monkeypatch.setenv("SHIPPING_TASKS", "commerce-shipping-tasks")  # which nobody has deployed here
    monkeypatch.setattr(handlers, "cursors", lambda: Cursors(b"key"))
    assert deliver(handlers.consumer, message("catalog", "ProductCreated", "prd_1", product())) == []
    return dynamodb


@pytest.fixture
def call(http):
    def call(method, route, *, order_id=None, caller="cus_ada", **how):
        path = route.replace("{order_id}", order_id) if order_id else route
        return http(handlers.api, method, route, path=path, caller=caller, **how)

    return call


@pytest.fixture
def place(call):
    return lambda body=TWO_MUGS, key="k-1", caller="cus_ada": call("POST", "/orders", body=body, key=key, caller=caller)


@pytest.fixture
def step(context):
    def step(type, order_id, **fields):
        command = {"type": type, "order_id": order_id, "at": "2024-05-01T00:00:01Z", **fields}
        return handlers.tasks({"command": command, "origin": ORIGIN}, context)

    return step


@pytest.fixture
def relayed(shop, deliver):
    """Hand the order's own events to its consumer, as relay and queue do."""

    def relay():
        commits = [from_item(Commit, item) for item in shop.scan(TableName="commerce-order-events")["Items"]]
        told = [m.model_dump(mode="json") for commit in commits for m in commit.messages("order")]
        assert deliver(handlers.consumer, *told, *reversed(told)) == []

    return relay
