"""Stock's front doors as fixtures: what API Gateway, Step Functions, the queue and the clock send."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from common.entrypoint.pagination import Cursors
from common.infrastructure.commit import Commit
from common.infrastructure.item import from_item
from inventory import bootstrap, handlers

NOW = datetime(2024, 5, 1, tzinfo=UTC)
ORIGIN = {"actor": "place_order", "correlation_id": "r-1", "causation_id": "ord_1#1"}
STOCK, ADJUSTMENTS = "/inventory/stock/{sku}", "/inventory/stock/{sku}/adjustments"
HEARD = {
    "StockReserved",
    "StockReleased",
    "ReservationExpired",
    "StockCommitted",
    "StockReturned",
    "StockAdjusted",
    "StockSpread",
    "StockGathered",
}


@pytest.fixture(autouse=True)
def warehouse(tables, monkeypatch):
    dynamodb = tables("inventory")
    monkeypatch.setattr(handlers, "cursors", lambda: Cursors(b"key"))
    return dynamodb


@pytest.fixture
def call(http):
    def call(method, route, *, sku=None, caller="cus_staff", roles="staff", **how):
        path = route.replace("{sku}", sku) if sku else route
        return http(handlers.api, method, route, path=path, caller=caller, roles=roles, **how)

    return call


@pytest.fixture
def adjust(call):
    def adjust(sku, delta, warehouse="berlin", key=None, **how):
        body = {"warehouse_id": warehouse, "delta": delta, "reason": "counted"}
        return call("POST", ADJUSTMENTS, sku=sku, key=key or f"{sku}{warehouse}{delta}", body=body, **how)

    return adjust


@pytest.fixture
def step(context):
    def step(type, order="ord_1", at=NOW, **fields):
        command = {"type": type, "order_id": order, "at": at.isoformat(), **fields}
        return handlers.tasks({"command": command, "origin": ORIGIN}, context)

    return step


@pytest.fixture
def reserve(step):
    def reserve(order="ord_1", at=NOW, **wanted):
        return step("ReserveStock", order, at, items=[{"sku": sku, "quantity": n} for sku, n in wanted.items()])

    return reserve


@pytest.fixture
def sweep(context):
    return lambda at: handlers.sweeper({"id": "sweep-1", "time": at.isoformat()}, context)


@pytest.fixture
def commits(warehouse):
    """All that was committed, one message per event."""

    def commits():
        items = warehouse.scan(TableName="commerce-inventory-events")["Items"]
        return [message for item in items for message in from_item(Commit, item).messages("inventory")]

    return commits


@pytest.fixture
def carry(commits, deliver):
    """Carry every event to the consumer, as often as asked, until there is nothing new."""

    def carry(times=1):
        heard = 0
        while len(found := commits()) > heard:
            heard = len(found)
            subscribed = [each for each in found if each.type in HEARD]
            for _ in range(times):
                assert deliver(handlers.consumer, *(json.loads(each.model_dump_json()) for each in subscribed)) == []

    return carry


@pytest.fixture
def figures(call):
    def figures(sku):
        body = call("GET", STOCK, sku=sku).body
        return body["on_hand"], body["reserved"], body["available"]

    return figures


@pytest.fixture
def expiring(warehouse):
    """The orders that the sweeper will look at, some day."""
    return lambda: {order for note in bootstrap.expiry_notes().due(NOW + timedelta(days=1)) for order in note.orders}
