"""Analytics with its tables and its archive, and a way to tell it events."""

import boto3
import pytest

from analytics import handlers

BUCKET = "archive"


def euro(cents):
    return {"amount": cents, "currency": "EUR"}


@pytest.fixture(autouse=True)
def dynamodb(tables, aws, monkeypatch):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    monkeypatch.setenv("ARCHIVE", BUCKET)
    return tables("analytics")


@pytest.fixture
def s3(dynamodb):
    return boto3.client("s3")


@pytest.fixture
def sale(message):
    """An order that is confirmed: two mugs, and shipping of 490."""

    def make(order_id="ord_1", *, time="2026-01-05T09:30:00Z", customer="cus_ada", sku="mug", quantity=2, sequence=2):
        goods = {"sku": sku, "name": sku.title(), "quantity": quantity, "unit_price": euro(750)}
        items = [{**goods, "total": euro(750 * quantity)}]
        data = {"order_id": order_id, "customer_id": customer, "items": items, "total": euro(750 * quantity + 490)}
        return message("order", "OrderConfirmed", order_id, data, sequence=sequence, time=time)

    return make


@pytest.fixture
def refund(message):
    def make(refund_id="ref_x", amount=500, *, time="2026-01-06T11:00:00Z", sequence=5):
        data = {"payment_id": "pay_1", "order_id": "ord_1", "refund_id": refund_id, "amount": euro(amount)}
        return message("payment", "PaymentRefunded", "pay_1", data, sequence=sequence, time=time)

    return make


@pytest.fixture
def step(message):
    """An order comes so far."""

    def make(type, order_id="ord_1", *, time="2026-01-05T10:00:00Z", sequence=3, **data):
        told = {"order_id": order_id, "customer_id": "cus_ada", **data}
        return message("order", type, order_id, told, sequence=sequence, time=time)

    return make


@pytest.fixture
def tell(deliver):
    """One batch. Return the positions of those that failed."""
    return lambda *messages: deliver(handlers.consumer, *messages)


@pytest.fixture
def ask(http):
    def ask(path, *, caller="cus_grace", roles="staff", **query):
        asked = {name.rstrip("_"): value for name, value in query.items()}
        return http(handlers.api, "GET", f"/analytics/{path}", caller=caller, roles=roles, query=asked)

    return ask


JANUARY = {"from_": "2026-01-01", "to": "2026-01-31"}


@pytest.fixture
def everything(ask):
    """What each route says of January and the year before, as one value."""

    def read():
        ways = [
            ("overview", JANUARY),
            ("overview", {"from_": "2025-06-01", "to": "2026-01-31"}),
            *(("sales", {**JANUARY, "granularity": how}) for how in ("hour", "day", "month")),
            ("sales", {**JANUARY, "currency": "JPY"}),
            *(("products/top", {**JANUARY, "by": by}) for by in ("revenue", "units")),
            ("funnel", JANUARY),
            ("funnel", {"from_": "2025-06-01", "to": "2025-12-31"}),
        ]
        answers = [ask(path, **query) for path, query in ways]
        assert {one.status for one in answers} == {200}
        return [one.body for one in answers]

    return read
