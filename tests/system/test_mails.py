"""Mails and text messages over HTTP, and what SES tells of them."""

import json
import re

import pytest

from local.shop import Person

PREFERENCES = "/notifications/preferences"
CRASHES = ("crash_before", "crash_after")


@pytest.fixture(scope="module")
def goods(shop, staff):
    shop.stock(staff, "mug", 50)
    shop.settle()


@pytest.fixture(autouse=True)
def promises(shop):
    yield
    shop.settle()
    assert shop.promises_broken() == []


def prefer(person: Person, **changes):
    seen = person.ask("GET", PREFERENCES)
    return person.ask("PUT", PREFERENCES, seen.json() | changes, if_match=seen.headers["etag"])


def bought(shop, person):
    order_id = person.order("mug")["order_id"]
    shop.settle()
    return order_id


def subjects(shop, email):
    return [mail["subject"] for mail in reversed(shop.mailbox(email))]


def unsubscribe_path(mail):
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [path] = re.findall(r"<https://[^/]+(/[^>]+)>", mail["headers"]["List-Unsubscribe"])
    return path


def test_one_click_in_a_mail_ends_the_mails_about_orders(shop, goods):
    email = "bea@customer.example"
    bea = shop.join(email)
    bought(shop, bea)
    path = unsubscribe_path(shop.mailbox(email)[0])
    assert shop.client.get(path).text.startswith("<!doctype html>")
    assert bea.get(PREFERENCES)["email"]["order_updates"] is True
    for form in ({"data": {"List-Unsubscribe": "One-Click"}}, {"files": {"List-Unsubscribe": (None, "One-Click")}}):
        answer = shop.client.post(path, **form)
        assert (answer.status_code, answer.json()) == (200, {"status": "unsubscribed"})
    shop.settle()
    bought(shop, bea)
    shop.client.post("/identity/password/forgot", json={"email": email})
    shop.settle()
    assert subjects(shop, email) == ["Please confirm your address", "Your order is confirmed", "Reset your password"]
    answer = shop.client.post("/notifications/unsubscribe", params={"token": "false"}, content=b"\xff\xfe")
    assert answer.status_code == 400


def test_a_german_customer_is_told_in_german_by_mail_and_text_message(shop, staff, goods):
    email, phone = "cilia@customer.example", "+4915112345678"
    cilia = shop.join(email)
    assert prefer(cilia, locale="de", sms={"order_updates": True, "phone": phone}).status_code == 200
    order_id = bought(shop, cilia)
    shop.dispatch(staff, order_id)
    shop.settle()
    assert subjects(shop, email)[1:] == ["Ihre Bestellung ist bestätigt", "Ihre Bestellung ist unterwegs"]
    [sms] = shop.mailbox(phone)
    assert sms["channel"] == "sms"
    assert sms["text"].startswith("Commerce: Ihre Bestellung ist mit ")
    told = cilia.get("/notifications")["items"]
    assert sorted(one["channel"] for one in told if one["template"] == "order_shipped") == ["email", "sms"]
    assert {one["order_id"] for one in told if "order_id" in one} == {order_id}


@pytest.mark.parametrize("what", ["bounce", "complaint"])
def test_an_address_that_bounces_or_complains_gets_no_further_mail(platform, shop, what):
    """SES's own simulator addresses do here what they do on AWS."""
    email = f"{what}+dora@simulator.amazonses.com"
    shop.register(email)
    shop.settle()
    assert len(shop.mailbox(email)) == 1
    shop.register(email)
    shop.settle()
    assert len(shop.mailbox(email)) == 1
    kinds = [fact["type"] for fact in facts(platform, "notification")]
    assert {"bounce": "MailBounced", "complaint": "MailComplained"}[what] in kinds


def facts(platform, domain):
    items = platform.operator("dynamodb").scan(TableName=f"commerce-{domain}-events")["Items"]
    return [json.loads(event["S"]) for item in items for event in item["events"]["L"]]


FAULTS = [
    *(("sesv2", "SendEmail", kind) for kind in ("crash_before", "crash_after", "timeout_after", "error", "throttle")),
    *((*call, kind) for call in (("dynamodb", "PutItem"), ("kms", "GenerateMac")) for kind in CRASHES),
]


@pytest.mark.parametrize(("service", "operation", "kind"), FAULTS)
def test_a_mail_is_sent_once_whatever_fails(platform, shop, service, operation, kind):
    """Even if we die after SES has taken it: SES says that it has, before the queue brings the fact again."""
    email = f"{operation}.{kind}@customer.example".lower()
    before = sent_so_far(platform)
    platform.seam.faults.add(kind, service=service, operation=operation, caller="commerce-notification-consumer")
    shop.register(email)
    shop.settle()
    assert not list(platform.seam.faults)
    assert subjects(shop, email) == ["Please confirm your address"]
    assert sent_so_far(platform) == before + 1


def sent_so_far(platform):
    return [fact["type"] for fact in facts(platform, "notification")].count("NotificationSent")
