"""A catalogue behind its front doors; what is written there is heard by its own consumer."""

import json

import boto3
import pytest

from catalog import handlers
from catalog.coupon import routes as coupon_routes
from catalog.listing import routes as listing_routes
from catalog.product import routes as product_routes
from common.entrypoint.pagination import Cursors
from common.infrastructure.commit import Commit
from common.infrastructure.item import from_item

PRODUCTS, PRODUCT, PRICE = (
    "/catalog/products",
    "/catalog/products/{product_id}",
    "/catalog/products/{product_id}/price",
)


@pytest.fixture(autouse=True)
def dynamodb(tables, monkeypatch):
    client = tables("catalog", "read")
    where = {"LocationConstraint": "eu-west-1"}
    boto3.client("s3").create_bucket(Bucket="imports", CreateBucketConfiguration=where)
    monkeypatch.setenv("IMPORT_BUCKET", "imports")
    for module in (coupon_routes, product_routes, listing_routes):
        monkeypatch.setattr(module, "cursors", lambda: Cursors(b"key"))
    return client


@pytest.fixture
def call(http):
    def call(method, path, product_id=None, *, route=None, caller="cus_staff", roles="staff", etag=None, **how):
        route, path = route or path, path.replace("{product_id}", product_id) if product_id else path
        headers = {**how.pop("headers", {}), **({"if-match": etag} if etag else {})}
        return http(handlers.api, method, route, path=path, caller=caller, roles=roles, headers=headers, **how)

    return call


@pytest.fixture
def create(call):
    def create(sku="mug", amount=750, *, key=None, at=None, **more):
        body = {"sku": sku, "name": sku.title(), "price": {"amount": amount, "currency": "EUR"}, **more}
        return call("POST", PRODUCTS, body=body, key=key or f"key-{sku}", at=at)

    return create


@pytest.fixture
def outgoing(dynamodb):
    """All that the relay would publish, in order within each stream."""

    def outgoing():
        items = dynamodb.scan(TableName="commerce-catalog-events")["Items"]
        commits = sorted((from_item(Commit, item) for item in items), key=lambda c: (c.stream, c.version))
        return [json.loads(m.model_dump_json()) for commit in commits for m in commit.messages("catalog")]

    return outgoing


@pytest.fixture
def publish(outgoing, deliver):
    """Everything again each time: the bus may repeat itself."""

    def publish():
        products = [message for message in outgoing() if message["subject"].startswith("prd_")]
        assert deliver(handlers.consumer, *products) == []

    return publish


@pytest.fixture
def find(call):
    """SKUs of one page."""

    def find(**query):
        answer = call("GET", PRODUCTS, caller=None, roles="", query={k: str(v) for k, v in query.items()})
        assert answer.status == 200, answer.text
        return [item["sku"] for item in answer.body["items"]]

    return find


@pytest.fixture
def find_all(call):
    """SKUs of all pages."""

    def find_all(**query):
        found, cursor = [], None
        while True:
            asked = {**{k: str(v) for k, v in query.items()}, **({"cursor": cursor} if cursor else {})}
            answer = call("GET", PRODUCTS, caller=None, roles="", query=asked)
            assert answer.status == 200, answer.text
            found += [item["sku"] for item in answer.body["items"]]
            cursor = answer.body["next_cursor"]
            if cursor is None:
                return found

    return find_all


@pytest.fixture
def rows(dynamodb):
    """Keys of the read side, without their generation."""

    def rows(*prefixes):
        items = dynamodb.scan(TableName="commerce-catalog-read")["Items"]
        keys = [(i["pk"]["S"].partition("/")[2], i["sk"]["S"]) for i in items]
        return sorted(key for key in keys if key[0].startswith(prefixes))

    return rows
