"""Nothing here reaches AWS: fake credentials for all, moto for those who ask."""

import json
import sys
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws

import local.environments  # noqa: F401  before any function's module: each function has its own caches

KEYS = {"events": {"stream": "S", "version": "N"}, "state": {"pk": "S", "sk": "S"}}
INDEXES = ("gsi1", "gsi2")


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_METRICS_NAMESPACE": "commerce",
        "POWERTOOLS_SERVICE_NAME": "test",
        "EVENT_BUS": "commerce",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def aws():
    with mock_aws():
        yield


@pytest.fixture
def meanwhile(monkeypatch):
    """Have something happen after a call of a method, the next or the one after it, before its caller goes on."""

    def between(place, method, happens, calls=1):
        original, seen = getattr(place, method), []

        def outrun(*given, **named):
            found = original(*given, **named)
            seen.append(found)
            if len(seen) == calls:
                monkeypatch.setattr(place, method, original)
                happens()
            return found

        monkeypatch.setattr(place, method, outrun)

    return between


@pytest.fixture
def context():
    return SimpleNamespace(
        function_name="test",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:test",
        aws_request_id="request-1",
        get_remaining_time_in_millis=lambda: 10_000,
    )


def _create(client, name, keys, indexes=()):
    names = {**keys, **{f"{index}{key}": "S" for index in indexes for key in ("pk", "sk")}}
    schema = [{"AttributeName": k, "KeyType": t} for k, t in zip(keys, ("HASH", "RANGE"), strict=False)]
    request = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": k, "AttributeType": t} for k, t in names.items()],
        "KeySchema": schema,
    }
    if indexes:
        request["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": f"{index}pk", "KeyType": "HASH"},
                    {"AttributeName": f"{index}sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in indexes
        ]
    client.create_table(**request)


@pytest.fixture
def tables(aws, monkeypatch):
    """The tables of one domain, empty, and its bootstrap forgetting what it made for the test before.

    `more` are tables of rows beside the two that each domain has.
    """

    def make(domain, *more):
        client = boto3.client("dynamodb")
        for kind, keys in {**KEYS, **dict.fromkeys(more, KEYS["state"])}.items():
            name = f"commerce-{domain}-{kind}"
            _create(client, name, keys, INDEXES if kind != "events" else ())
            monkeypatch.setenv(f"{kind.upper()}_TABLE", name)
        for module in ("common.bootstrap", f"{domain}.bootstrap"):
            for part in vars(sys.modules.get(module)).values() if module in sys.modules else ():
                if hasattr(part, "cache_clear"):
                    part.cache_clear()
        return client

    return make


@pytest.fixture
def person_keys(aws, monkeypatch):
    """The table of the keys of persons, empty, and what wraps them: `(master key, DynamoDB client)`."""
    client, master_key = boto3.client("dynamodb"), boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    _create(client, "commerce-person-keys", {"pk": "S"})
    monkeypatch.setenv("PERSON_KEYS_TABLE", "commerce-person-keys")
    monkeypatch.setenv("PERSON_MASTER_KEY", master_key)
    return master_key, client


@pytest.fixture
def http(context):
    """Call a domain's `api` as API Gateway does: `http(api, "GET", "/orders/{order_id}", path="/orders/ord_1", …)`."""

    def call(
        api,
        method,
        route,
        *,
        path=None,
        caller=None,
        roles="",
        sid="",
        key=None,
        body=None,
        query=None,
        headers=None,
        at=None,
        source="192.0.2.1",
    ):
        vouched = {"sub": caller, "sid": sid, "roles": roles, "exp": 4102444800}
        authorizer = {"authorizer": {"lambda": vouched}} if caller else {}
        event = {
            "version": "2.0",
            "routeKey": f"{method} {route}",
            "rawPath": path or route,
            "rawQueryString": "",
            "headers": {
                "content-type": "application/json",
                **(headers or {}),
                **({"idempotency-key": key} if key else {}),
            },
            "queryStringParameters": query or {},
            "requestContext": {
                "requestId": "r-1",
                "timeEpoch": at or 1714521600000,
                "http": {
                    "method": method,
                    "path": path or route,
                    "sourceIp": source,
                    "userAgent": (headers or {}).get("user-agent", ""),
                },
                "stage": "$default",
                **authorizer,
            },
            "body": body if body is None or isinstance(body, str) else json.dumps(body),
            "isBase64Encoded": False,
        }
        answer = api(event, context)
        text = answer.get("body")
        return SimpleNamespace(
            status=answer["statusCode"], body=json.loads(text) if text else None, headers=answer["headers"], text=text
        )

    return call


@pytest.fixture
def message():
    """A message as the relay writes it."""

    def make(source, type, subject, data, *, sequence=1, time="2024-05-01T00:00:00Z", actor="cus_ada"):
        return {
            "specversion": "1.0",
            "id": f"{subject}#{sequence}",
            "source": source,
            "type": type,
            "subject": subject,
            "time": time,
            "sequence": sequence,
            "actor": actor,
            "correlation_id": "r-1",
            "causation_id": "r-1",
            "data": data,
        }

    return make


@pytest.fixture
def deliver(context):
    """Hand messages to a `consumer` as its queue does. Return the ids of those that failed."""

    def call(consumer, *messages):
        records = [
            {
                "messageId": str(number),
                "receiptHandle": str(number),
                "body": json.dumps(message) if isinstance(message, dict) else message,
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1714521600000"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue",
                "awsRegion": "eu-west-1",
            }
            for number, message in enumerate(messages)
        ]
        failures = consumer({"Records": records}, context)["batchItemFailures"]
        return [int(failure["itemIdentifier"]) for failure in failures]

    return call
