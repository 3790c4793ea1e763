"""Notification on moto's tables, and what SES and SNS were asked to send."""

import json

import boto3
import pytest

from notification import bootstrap, handlers
from notification.contacts import Contact

ISSUER = "https://shop.example"
ADA = {"customer_id": "cus_ada", "email": "ada@customer.example", "name": "Ada"}


@pytest.fixture(autouse=True)
def dynamodb(tables, person_keys, monkeypatch):
    links = boto3.client("kms").create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    boto3.client("sesv2").create_email_identity(EmailIdentity="shop.example")
    boto3.client("secretsmanager").create_secret(Name="cursors", SecretString='{"key": "k"}')
    boto3.client("secretsmanager").create_secret(Name="seals", SecretString='{"key": "s"}')
    for name, value in {
        "ISSUER": ISSUER,
        "SHOP_NAME": "Commerce",
        "MAIL_FROM": "orders@shop.example",
        "CONFIGURATION_SET": "mails",
        "MAIL_LINK_KEY": links,
        "MAIL_SEAL_SECRET": "seals",
        "CURSOR_SECRET": "cursors",
    }.items():
        monkeypatch.setenv(name, value)
    return tables("notification")


class Outbox(list):
    """What was asked for, as it was asked. `fail` makes it fail `before` or `after` it has sent."""

    fail = None

    def __init__(self, real):
        super().__init__()
        self.real = real

    def send(self, **what):
        if self.fail == "before":
            raise ConnectionError
        self.real(**what)
        self.append(what)
        if self.fail == "after":
            raise ConnectionError


@pytest.fixture
def outbox(monkeypatch):
    ses = bootstrap.mail_courier()._ses
    box = Outbox(ses.send_email)
    monkeypatch.setattr(ses, "send_email", box.send)
    return box


@pytest.fixture
def texts(monkeypatch):
    sns = bootstrap.sms_courier()._sns
    box = Outbox(sns.publish)
    monkeypatch.setattr(sns, "publish", box.send)
    return box


def sealed(data):
    who = Contact(email=data["email"], name=data["name"])
    return bootstrap.person_keys().seal(data["customer_id"], who).model_dump()


@pytest.fixture
def hear(deliver, message):
    """Tell notification a fact. Return whether it was heard."""

    def hear(type, data, *, subject=None, **how):
        if "email" in data:
            data = {**data, "person": sealed(data)}
            del data["email"], data["name"]
        source = "identity" if subject is None and "order_id" not in data else "order"
        return not deliver(handlers.consumer, message(source, type, subject or data["customer_id"], data, **how))

    return hear


@pytest.fixture
def again(context, message):
    """The same message once more, after the queue's visibility time-out."""

    def again(type, data, attempt=2):
        record = {
            "messageId": "0",
            "receiptHandle": "0",
            "body": json.dumps(message("order", type, data["order_id"], data)),
            "attributes": {"ApproximateReceiveCount": str(attempt), "SentTimestamp": "1714521600000"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        }
        return not handlers.consumer({"Records": [record]}, context)["batchItemFailures"]

    return again


@pytest.fixture
def ada(hear):
    assert hear("CustomerConfirmed", ADA, sequence=3)
    return ADA


@pytest.fixture
def delivered(hear):
    """Tell it that an order of Ada's was delivered, which is mailed."""

    def delivered(order_id="ord_1", **how):
        return hear("OrderDelivered", told(order_id), subject=order_id, **how)

    return delivered


@pytest.fixture
def prefer(http):
    """Change some of Ada's preferences, from what they are."""

    def prefer(caller="cus_ada", **changes):
        seen = http(handlers.api, "GET", "/notifications/preferences", caller=caller)
        return http(
            handlers.api,
            "PUT",
            "/notifications/preferences",
            caller=caller,
            body=seen.body | changes,
            headers={"if-match": seen.headers["ETag"]},
        )

    return prefer


def told(order_id="ord_1", **data):
    return {"customer_id": "cus_ada", "order_id": order_id, **data}


def events(dynamodb):
    items = dynamodb.scan(TableName="commerce-notification-events")["Items"]
    return [json.loads(event["S"]) for item in items for event in item["events"]["L"]]


def all_rows(dynamodb):
    return str([dynamodb.scan(TableName=f"commerce-notification-{table}")["Items"] for table in ("events", "state")])


def text(mail):
    return mail["Content"]["Simple"]["Body"]["Text"]["Data"]


def header(mail, name):
    return next((h["Value"] for h in mail["Content"]["Simple"]["Headers"] if h["Name"] == name), None)
