"""What SES tells: a doubt is settled, and an address that does not want our mails gets none."""

import pytest

from notification import handlers
from tests.integration.notification.conftest import all_rows, events, told


@pytest.fixture
def ses_says(deliver, message):
    """As the rules of our stack put it. Return whether it was heard."""

    def ses_says(what, mail, id="feedback-1", time="2024-05-01T00:00:05Z", **data):
        notification_id = mail["EmailTags"][0]["Value"]
        told = message("ses", what, "message-1", {"notification_id": notification_id, **data}, time=time, actor="ses")
        return not deliver(handlers.consumer, told | {"id": id})

    return ses_says


def bounced(kind="Permanent"):
    return {"kind": kind, "detail": "General"}


def kinds(dynamodb):
    return [event["type"] for event in events(dynamodb)]


def test_a_mail_that_ses_has_sent_is_not_sent_again_when_we_died_before_writing_it_down(
    ada, delivered, again, outbox, ses_says, dynamodb, http
):
    outbox.fail = "after"
    assert not delivered()
    outbox.fail = None
    assert ses_says("Send", outbox[0])
    assert again("OrderDelivered", told())
    assert len(outbox) == 1
    [sent] = events(dynamodb)
    assert (sent["type"], sent["order_id"], sent["at"]) == ("NotificationSent", "ord_1", "2024-05-01T00:00:05Z")
    [item] = http(handlers.api, "GET", "/notifications", caller="cus_ada").body["items"]
    assert item["subject"] == "Your order has been delivered"


def test_that_ses_has_sent_what_we_know_it_has_sent_is_no_news(ada, delivered, outbox, ses_says, dynamodb):
    assert delivered()
    assert ses_says("Send", outbox[0])
    assert kinds(dynamodb) == ["NotificationSent"]


def test_a_hard_bounce_is_recorded_once_and_stops_every_mail_to_the_address(
    ada, hear, delivered, outbox, ses_says, dynamodb
):
    assert delivered("ord_1")
    for _ in range(2):
        assert ses_says("Bounce", outbox[0], **bounced())
    assert sorted(kinds(dynamodb)) == ["MailBounced", "NotificationSent"]
    assert delivered("ord_2")
    asked = ada | {"token_id": "0" * 32, "expires_at": "2024-05-02T00:00:00Z"}
    assert hear("PasswordResetRequested", asked, sequence=4)
    assert hear("ConfirmationRequested", asked | {"customer_id": "cus_other"}, sequence=2)
    assert len(outbox) == 1


def test_another_address_still_gets_its_mails(ada, hear, delivered, outbox, ses_says):
    assert delivered("ord_1")
    assert ses_says("Bounce", outbox[0], **bounced())
    assert hear("CustomerConfirmed", {"customer_id": "cus_bob", "email": "bob@customer.example", "name": "Bob"})
    assert hear("OrderDelivered", {"customer_id": "cus_bob", "order_id": "ord_2"}, subject="ord_2")
    assert [mail["Destination"]["ToAddresses"] for mail in outbox[1:]] == [["bob@customer.example"]]


@pytest.mark.parametrize("kind", ["Transient", "Undetermined"])
def test_a_full_mailbox_stops_nothing(kind, ada, delivered, outbox, ses_says, dynamodb):
    assert delivered("ord_1")
    assert ses_says("Bounce", outbox[0], **bounced(kind))
    assert [event["permanent"] for event in events(dynamodb) if event["type"] == "MailBounced"] == [False]
    assert delivered("ord_2")
    assert len(outbox) == 2


def test_a_complaint_stops_the_address_too(ada, delivered, outbox, ses_says, dynamodb):
    assert delivered("ord_1")
    assert ses_says("Complaint", outbox[0])
    assert "MailComplained" in kinds(dynamodb)
    assert delivered("ord_2")
    assert len(outbox) == 1


def test_two_bounces_of_one_address_are_two_facts(ada, delivered, outbox, ses_says, dynamodb):
    assert delivered("ord_1")
    assert delivered("ord_2")
    assert ses_says("Bounce", outbox[0], "feedback-1", **bounced())
    assert ses_says("Bounce", outbox[1], "feedback-2", **bounced())
    assert kinds(dynamodb).count("MailBounced") == 2


def test_a_mail_that_is_not_ours_is_nothing_to_us(ses_says, dynamodb):
    stranger = {"EmailTags": [{"Value": "ntf_unknown"}]}
    assert ses_says("Send", stranger)
    assert ses_says("Bounce", stranger, **bounced())
    assert events(dynamodb) == []


def test_no_address_is_kept_of_what_came_back(ada, hear, delivered, outbox, ses_says, dynamodb):
    assert delivered()
    assert ses_says("Bounce", outbox[0], **bounced())
    assert hear("CustomerErased", {"customer_id": "cus_ada"}, sequence=9)
    assert "ada@" not in all_rows(dynamodb)
