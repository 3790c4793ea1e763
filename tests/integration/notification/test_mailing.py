"""Facts in from the queue, mails out through SES, and the list of what was sent."""

import base64
import json
import re

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from notification import bootstrap, handlers

ISSUER = "https://shop.example"
DELIVERED = {"order_id": "ord_1", "customer_id": "cus_ada"}


@pytest.fixture(autouse=True)
def dynamodb(tables, aws, monkeypatch):
    links = boto3.client("kms").create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    boto3.client("sesv2").create_email_identity(EmailIdentity="shop.example")
    boto3.client("secretsmanager").create_secret(Name="cursors", SecretString='{"key": "k"}')
    for name, value in {
        "ISSUER": ISSUER,
        "MAIL_FROM": "orders@shop.example",
        "MAIL_LINK_KEY": links,
        "CURSOR_SECRET": "cursors",
    }.items():
        monkeypatch.setenv(name, value)
    return tables("notification")


@pytest.fixture
def outbox(monkeypatch):
    """What SES was asked to send, as it was asked. `fail` makes it fail `before` or `after` it has sent."""

    class Outbox(list):
        fail = None

        def send(self, **mail):
            if self.fail == "before":
                raise ConnectionError
            real(**mail)
            self.append(mail)
            if self.fail == "after":
                raise ConnectionError

    box, real = Outbox(), bootstrap.ses().send_email
    monkeypatch.setattr(bootstrap.ses(), "send_email", box.send)
    return box


@pytest.fixture
def hear(deliver, message):
    """Tell notification a fact. Return whether it was heard."""

    def hear(type, data, *, subject=None, **how):
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
    known = {"customer_id": "cus_ada", "email": "ada@customer.example", "name": "Ada"}
    assert hear("CustomerConfirmed", known, sequence=3)
    return known


def told(order_id="ord_1", **data):
    return {**DELIVERED, "order_id": order_id, **data}


def events(dynamodb):
    items = dynamodb.scan(TableName="commerce-notification-events")["Items"]
    return [json.loads(event["S"]) for item in items for event in item["events"]["L"]]


def text(mail):
    return mail["Content"]["Simple"]["Body"]["Text"]["Data"]


def test_a_fact_is_mailed_and_remembered_without_address_and_text(ada, hear, outbox, dynamodb):
    assert hear("OrderDelivered", told(), subject="ord_1")
    [mail] = outbox
    assert mail["FromEmailAddress"] == "orders@shop.example"
    assert mail["Destination"] == {"ToAddresses": ["ada@customer.example"]}
    assert text(mail).startswith("Hello Ada,")
    assert len(ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sent_messages) == 1
    [sent] = events(dynamodb)
    assert sent.pop("notification_id") == mail["EmailTags"][0]["Value"]
    assert sent == {
        "type": "NotificationSent",
        "at": "2024-05-01T00:00:00Z",
        "customer_id": "cus_ada",
        "order_id": "ord_1",
        "channel": "email",
        "template": "order_delivered",
        "subject": "Your order has been delivered",
    }


@pytest.mark.parametrize(
    ("fact", "purpose"), [("ConfirmationRequested", "confirm"), ("PasswordResetRequested", "reset")]
)
def test_a_mailed_token_is_sealed_for_its_purpose_and_stands_nowhere_else(fact, purpose, hear, outbox, dynamodb):
    asked = {"customer_id": "cus_ada", "email": "ada@customer.example", "name": "Ada", "token_id": "0" * 32}
    assert hear(fact, asked | {"expires_at": "2024-05-02T00:00:00Z"}, sequence=2)
    [token] = re.findall(r"Your token: (\S+)", text(outbox[0]))
    token_id, _, mac = token.partition(".")
    assert token_id == asked["token_id"]
    assert boto3.client("kms").verify_mac(
        KeyId=bootstrap.settings().mail_link_key,
        MacAlgorithm="HMAC_SHA_256",
        Message=f"{purpose}:{token_id}".encode(),
        Mac=base64.urlsafe_b64decode(mac + "="),
    )["MacValid"]
    for table in ("events", "state"):
        assert mac not in str(dynamodb.scan(TableName=f"commerce-notification-{table}")["Items"])


def test_a_fact_told_twice_is_mailed_once(ada, hear, again, outbox, dynamodb):
    assert hear("OrderDelivered", told(), subject="ord_1")
    assert hear("OrderDelivered", told(), subject="ord_1")
    assert again("OrderDelivered", told())
    assert (len(outbox), len(events(dynamodb))) == (1, 1)


def test_a_mail_that_could_not_be_sent_is_sent_later(ada, hear, again, outbox, dynamodb):
    outbox.fail = "before"
    assert not hear("OrderDelivered", told(), subject="ord_1")
    outbox.fail = None
    assert again("OrderDelivered", told())
    assert (len(outbox), len(events(dynamodb))) == (1, 1)


def test_a_mail_in_doubt_is_left_to_whoever_sends_it_and_then_sent_again_with_the_same_id(
    ada, hear, again, outbox, dynamodb
):
    outbox.fail = "after"
    assert not hear("OrderDelivered", told(), subject="ord_1")
    outbox.fail = None
    assert not hear("OrderDelivered", told(), subject="ord_1")  # a twin on its first attempt waits
    assert len(outbox) == 1
    assert again("OrderDelivered", told())
    assert [mail["EmailTags"] for mail in outbox] == [outbox[0]["EmailTags"]] * 2
    assert len(events(dynamodb)) == 1


def test_a_result_that_a_twin_has_written_is_enough(ada, hear, outbox, dynamodb, monkeypatch):
    monkeypatch.setattr(bootstrap.notifications(), "begin", lambda *given, **how: True)
    assert hear("OrderDelivered", told(), subject="ord_1")
    assert hear("OrderDelivered", told(), subject="ord_1")
    assert len(events(dynamodb)) == 1


def test_the_sdk_does_not_send_again_by_itself(monkeypatch):
    assert bootstrap.ses().meta.config.retries["total_max_attempts"] == 1


def test_a_fact_about_a_stranger_waits_until_identity_has_spoken(hear, again, outbox):
    assert not hear("OrderDelivered", told(), subject="ord_1")
    assert hear("CustomerConfirmed", {"customer_id": "cus_ada", "email": "ada@customer.example", "name": "Ada"})
    assert again("OrderDelivered", told())
    assert len(outbox) == 1


def test_old_news_of_a_customer_changes_nothing(ada, hear, outbox):
    name = {"customer_id": "cus_ada", "name": "Lady L"}
    assert hear("ProfileChanged", name, sequence=5)
    assert hear("ProfileChanged", name | {"name": "Ada B"}, sequence=4)
    assert hear("CustomerRegistered", ada, sequence=1)
    assert hear("OrderDelivered", told(), subject="ord_1")
    assert text(outbox[0]).startswith("Hello Lady L,")


def test_a_new_name_waits_for_the_address_it_belongs_to(hear):
    assert not hear("ProfileChanged", {"customer_id": "cus_bob", "name": "Bob"}, sequence=4)


def test_one_bad_fact_does_not_keep_the_others(ada, deliver, message, outbox):
    bad = message("order", "OrderShipped", "ord_1", told("ord_1"))
    good = message("order", "OrderDelivered", "ord_2", told("ord_2"))
    assert deliver(handlers.consumer, bad, good) == [0]
    assert len(outbox) == 1


def test_customers_see_what_was_sent_to_them_and_to_no_one_else(ada, hear, outbox, http):
    def page(caller="cus_ada", **query):
        return http(handlers.api, "GET", "/notifications", caller=caller, query=query)

    for number in range(3):
        assert hear("OrderDelivered", told(f"ord_{number}"), subject=f"ord_{number}")
    first = page(limit="2").body
    assert len(first["items"]) == 2
    rest = page(limit="2", cursor=first["next_cursor"]).body
    items = [*first["items"], *rest["items"]]
    assert {item.pop("order_id") for item in items} == {"ord_0", "ord_1", "ord_2"}
    assert {item.pop("notification_id")[:4] for item in items} == {"ntf_"}
    assert items[0] == {
        "channel": "email",
        "template": "order_delivered",
        "subject": "Your order has been delivered",
        "sent_at": "2024-05-01T00:00:00Z",
    }
    assert page("cus_bob").body == {"items": [], "next_cursor": None}
    assert page("cus_bob", limit="2", cursor=first["next_cursor"]).status == 400
    assert page(caller=None).status == 401


def test_a_mail_that_belongs_to_no_order_says_nothing_of_one(hear, outbox, http):
    asked = {"customer_id": "cus_ada", "email": "ada@customer.example", "name": "Ada", "token_id": "0" * 32}
    assert hear("ConfirmationRequested", asked, sequence=2)
    [item] = http(handlers.api, "GET", "/notifications", caller="cus_ada").body["items"]
    assert (item["template"], "order_id" in item) == ("confirm_address", False)
