"""Facts in from the queue, mails out through SES and texts through SNS, and the list of what was sent."""

import base64
import re
from random import Random

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from notification import bootstrap, handlers
from tests.integration.notification.conftest import all_rows, events, header, text, told

ASKED = {
    "customer_id": "cus_ada",
    "email": "ada@customer.example",
    "name": "Ada",
    "token_id": "0" * 32,
    "expires_at": "2024-05-02T00:00:00Z",
}
PARCEL = told(carrier="UPS", tracking_number="EZ1")


def test_a_fact_is_mailed_and_remembered_without_address_and_text(ada, delivered, outbox, dynamodb):
    assert delivered()
    [mail] = outbox
    assert mail["FromEmailAddress"] == "orders@shop.example"
    assert mail["Destination"] == {"ToAddresses": ["ada@customer.example"]}
    assert mail["ConfigurationSetName"] == "mails"
    assert text(mail).startswith("Hello Ada,")
    assert len(ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sent_messages) == 1
    [sent] = events(dynamodb)
    assert sent.pop("notification_id") == mail["EmailTags"][0]["Value"] == header(mail, "X-Notification-Id")
    assert sent == {
        "type": "NotificationSent",
        "at": "2024-05-01T00:00:00Z",
        "customer_id": "cus_ada",
        "order_id": "ord_1",
        "channel": "email",
        "template": "order_delivered",
        "subject": "Your order has been delivered",
        "locale": "en",
    }


@pytest.mark.parametrize(
    ("fact", "purpose"), [("ConfirmationRequested", "confirm"), ("PasswordResetRequested", "reset")]
)
def test_a_mailed_token_is_sealed_for_its_purpose_and_stands_nowhere_else(fact, purpose, hear, outbox, dynamodb):
    assert hear(fact, ASKED, sequence=2)
    [token] = re.findall(r"Your token: (\S+)", text(outbox[0]))
    token_id, _, mac = token.partition(".")
    assert token_id == ASKED["token_id"]
    assert boto3.client("kms").verify_mac(
        KeyId=bootstrap.settings().mail_link_key,
        MacAlgorithm="HMAC_SHA_256",
        Message=f"{purpose}:{token_id}".encode(),
        Mac=base64.urlsafe_b64decode(mac + "="),
    )["MacValid"]
    assert mac not in all_rows(dynamodb)


def test_a_mail_speaks_the_customers_language(ada, prefer, delivered, outbox):
    assert prefer(locale="de").status == 200
    assert delivered()
    assert outbox[0]["Content"]["Simple"]["Subject"]["Data"] == "Ihre Bestellung ist angekommen"
    assert text(outbox[0]).startswith("Guten Tag Ada,")


def test_a_fact_told_twice_is_mailed_once(ada, delivered, again, outbox, dynamodb):
    assert delivered()
    assert delivered()
    assert again("OrderDelivered", told())
    assert (len(outbox), len(events(dynamodb))) == (1, 1)


@pytest.mark.parametrize("seed", range(5))
def test_facts_shuffled_and_repeated_are_mailed_once_each(seed, ada, deliver, message, outbox, dynamodb):
    facts = [
        message("order", type, f"ord_{number}", PARCEL | told(f"ord_{number}"), sequence=sequence)
        for number in range(4)
        for sequence, type in enumerate(("OrderShipped", "OrderDelivered", "OrderCancelled"), start=2)
    ]
    many = facts * 3
    Random(seed).shuffle(many)
    for start in range(0, len(many), 7):
        assert deliver(handlers.consumer, *many[start : start + 7]) == []
    assert len(outbox) == len(events(dynamodb)) == len(facts)
    assert len({event["notification_id"] for event in events(dynamodb)}) == len(facts)


def test_a_mail_that_could_not_be_sent_is_sent_later(ada, delivered, again, outbox, dynamodb):
    outbox.fail = "before"
    assert not delivered()
    outbox.fail = None
    assert again("OrderDelivered", told())
    assert (len(outbox), len(events(dynamodb))) == (1, 1)


def test_a_mail_in_doubt_is_left_to_whoever_sends_it_and_then_sent_again_with_the_same_id(
    ada, delivered, again, outbox, dynamodb
):
    outbox.fail = "after"
    assert not delivered()
    outbox.fail = None
    assert not delivered()  # a twin on its first attempt waits
    assert len(outbox) == 1
    assert again("OrderDelivered", told())
    assert [mail["EmailTags"] for mail in outbox] == [outbox[0]["EmailTags"]] * 2
    assert len(events(dynamodb)) == 1


def test_a_result_that_a_twin_has_written_is_enough(ada, delivered, outbox, dynamodb, monkeypatch):
    monkeypatch.setattr(bootstrap.journal(), "begin", lambda *given, **how: True)
    assert delivered()
    assert delivered()
    assert len(events(dynamodb)) == 1


def test_whoever_died_between_the_result_and_its_row_does_not_send_again_and_the_row_is_written(
    ada, delivered, again, outbox, dynamodb, http, monkeypatch
):
    with monkeypatch.context() as dying:
        dying.setattr(bootstrap.journal(), "_show", lambda intent, at: 1 / 0)
        assert not delivered()
    assert http(handlers.api, "GET", "/notifications", caller="cus_ada").body["items"] == []
    assert again("OrderDelivered", told())
    assert (len(outbox), len(events(dynamodb))) == (1, 1)
    [item] = http(handlers.api, "GET", "/notifications", caller="cus_ada").body["items"]
    assert item["sent_at"] == events(dynamodb)[0]["at"]


def test_the_sdk_sends_nothing_again_by_itself():
    for courier in (bootstrap.mail_courier()._ses, bootstrap.sms_courier()._sns):
        assert courier.meta.config.retries["total_max_attempts"] == 1


def test_a_fact_about_a_stranger_waits_until_identity_has_spoken(hear, delivered, again, outbox):
    assert not delivered()
    assert hear("CustomerConfirmed", {"customer_id": "cus_ada", "email": "ada@customer.example", "name": "Ada"})
    assert again("OrderDelivered", told())
    assert len(outbox) == 1


def test_old_news_of_a_customer_changes_nothing(ada, hear, delivered, outbox):
    assert hear("ProfileChanged", ada | {"name": "Lady L"}, sequence=5)
    assert hear("ProfileChanged", ada | {"name": "Ada B"}, sequence=4)
    assert hear("CustomerRegistered", ada, sequence=1)
    assert delivered()
    assert text(outbox[0]).startswith("Hello Lady L,")


def test_one_bad_fact_does_not_keep_the_others(ada, deliver, message, outbox):
    bad = message("order", "OrderShipped", "ord_1", told("ord_1"))
    good = message("order", "OrderDelivered", "ord_2", told("ord_2"))
    assert deliver(handlers.consumer, bad, good) == [0]
    assert len(outbox) == 1


def test_who_wants_text_messages_gets_one_beside_the_mail_and_once(ada, hear, prefer, outbox, texts, http):
    assert prefer(sms={"order_updates": True, "phone": "+4915112345678"}).status == 200
    for _ in range(2):
        assert hear("OrderShipped", PARCEL, subject="ord_1")
    [sent] = sns_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sms_messages.values()
    assert sent == ("+4915112345678", "Commerce: Your order is on its way with UPS. Tracking number: EZ1")
    assert (len(outbox), len(texts)) == (1, 1)
    items = http(handlers.api, "GET", "/notifications", caller="cus_ada").body["items"]
    assert {item["channel"] for item in items} == {"email", "sms"}
    assert len({item["notification_id"] for item in items}) == 2


def test_a_text_message_that_failed_is_sent_later_and_the_mail_is_not_sent_again(
    ada, hear, again, prefer, outbox, texts, dynamodb
):
    assert prefer(sms={"order_updates": True, "phone": "+4915112345678"}).status == 200
    texts.fail = "before"
    assert not hear("OrderShipped", PARCEL, subject="ord_1")
    texts.fail = None
    assert again("OrderShipped", PARCEL)
    assert (len(outbox), len(texts)) == (1, 1)
    assert "+4915112345678" not in str(events(dynamodb))


def test_a_mail_without_a_text_message_is_mailed_only(ada, hear, prefer, outbox, texts):
    assert prefer(sms={"order_updates": True, "phone": "+4915112345678"}).status == 200
    assert hear("OrderCancelled", told(reason=None), subject="ord_1")
    assert (len(outbox), len(texts)) == (1, 0)


def test_who_is_erased_is_forgotten_and_gets_nothing_more(ada, hear, prefer, delivered, outbox, texts, dynamodb):
    assert delivered("ord_1")
    assert prefer(sms={"order_updates": True, "phone": "+4915112345678"}).status == 200
    assert hear("CustomerErased", {"customer_id": "cus_ada"}, sequence=9)
    assert not re.search(r"ada@|Ada|\+49151", all_rows(dynamodb))
    assert delivered("ord_2")
    assert hear("ConfirmationRequested", ASKED, sequence=2)
    assert hear("CustomerConfirmed", ada, sequence=3)
    assert hear("CustomerErased", {"customer_id": "cus_ada"}, sequence=9)
    assert (len(outbox), len(texts)) == (1, 0)
    assert "ada@" not in all_rows(dynamodb)
    assert [event["order_id"] for event in events(dynamodb) if event["type"] == "NotificationSent"] == ["ord_1"]


def test_nothing_of_the_erased_is_kept_any_more(ada, hear, prefer, dynamodb):
    assert hear("CustomerErased", {"customer_id": "cus_ada"}, sequence=9)
    assert prefer(sms={"order_updates": True, "phone": "+4915112345678"}).status == 404
    assert "+49151" not in all_rows(dynamodb)


def test_customers_see_what_was_sent_to_them_and_to_no_one_else(ada, delivered, outbox, http):
    def page(caller="cus_ada", **query):
        return http(handlers.api, "GET", "/notifications", caller=caller, query=query)

    for number in range(3):
        assert delivered(f"ord_{number}")
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


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}])
def test_a_bad_limit_is_refused(query, http):
    assert http(handlers.api, "GET", "/notifications", caller="cus_ada", query=query).status == 422


@pytest.mark.parametrize("cursor", ["x", "é", "a" * 100, "====", ""])
def test_a_false_cursor_is_refused(cursor, http):
    assert http(handlers.api, "GET", "/notifications", caller="cus_ada", query={"cursor": cursor}).status == 400


def test_a_mail_that_belongs_to_no_order_says_nothing_of_one(hear, outbox, http):
    assert hear("ConfirmationRequested", ASKED, sequence=2)
    [item] = http(handlers.api, "GET", "/notifications", caller="cus_ada").body["items"]
    assert (item["template"], "order_id" in item) == ("confirm_address", False)


def test_a_guest_gets_the_mails_of_their_orders(hear, outbox):
    guest = {"customer_id": "cus_guest", "email": "guest@customer.example", "name": "Gast"}
    assert hear("GuestAdmitted", guest)
    assert hear("OrderDelivered", {"customer_id": "cus_guest", "order_id": "ord_1"}, subject="ord_1")
    assert [mail["Destination"]["ToAddresses"] for mail in outbox] == [["guest@customer.example"]]


def test_who_registers_again_is_told_at_the_address_that_we_know(ada, hear, outbox):
    assert hear("RegistrationRepeated", {"customer_id": "cus_ada"}, sequence=4)
    assert [mail["Destination"]["ToAddresses"] for mail in outbox] == [["ada@customer.example"]]
    assert "already" in text(outbox[0])
