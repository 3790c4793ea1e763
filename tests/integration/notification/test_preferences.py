"""What customers want to be told: changed with an ETag, ended with one click, and respected."""

import re
from urllib.parse import parse_qs, urlparse

import pytest

from common.domain.message import looks_like_a_card
from notification import bootstrap, handlers
from tests.integration.notification.conftest import all_rows, events, header, text, told

PATH, UNSUBSCRIBE = "/notifications/preferences", "/notifications/unsubscribe"
DEFAULT = {
    "email": {"marketing": False, "order_updates": True},
    "sms": {"order_updates": False, "phone": None},
    "locale": "en",
}
NO_ORDER_MAILS = DEFAULT | {"email": {"marketing": False, "order_updates": False}}


@pytest.fixture
def get(http):
    def get(caller="cus_ada", **headers):
        return http(handlers.api, "GET", PATH, caller=caller, headers=headers)

    return get


@pytest.fixture
def put(http):
    def put(body, if_match='"0"', caller="cus_ada"):
        headers = {"if-match": if_match} if if_match is not None else {}
        return http(handlers.api, "PUT", PATH, caller=caller, body=body, headers=headers)

    return put


@pytest.fixture
def click(http):
    """One click, as a mail provider does it for its user."""

    def click(token, body="List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"):
        query = {} if token is None else {"token": token}
        headers = {"content-type": content_type}
        return http(handlers.api, "POST", UNSUBSCRIBE, query=query, body=body, headers=headers)

    return click


def token_of(mail):
    [url] = re.findall(r"<(https://[^>]+)>", header(mail, "List-Unsubscribe"))
    return parse_qs(urlparse(url).query)["token"][0]


def test_order_mails_are_wanted_and_the_rest_is_not_until_they_say_so(get):
    answer = get()
    assert (answer.status, answer.body, answer.headers["ETag"]) == (200, DEFAULT, '"0"')


def test_preferences_are_changed_and_known_by_their_etag(put, get):
    changed = put(NO_ORDER_MAILS | {"locale": "de"})
    assert (changed.status, changed.body, changed.headers["ETag"]) == (200, NO_ORDER_MAILS | {"locale": "de"}, '"1"')
    assert get().body == NO_ORDER_MAILS | {"locale": "de"}
    assert get(**{"if-none-match": '"1"'}).status == 304
    assert get("cus_bob").body == DEFAULT


def test_who_changes_them_says_which_they_have_seen(put, get):
    assert put(NO_ORDER_MAILS, if_match=None).status == 428
    assert put(NO_ORDER_MAILS, if_match='"1"').status == 412
    assert put(NO_ORDER_MAILS).status == 200
    assert put(DEFAULT).status == 412
    assert get().body == NO_ORDER_MAILS


def test_the_same_again_changes_nothing(put, dynamodb):
    assert put(DEFAULT).headers["ETag"] == '"0"'
    assert events(dynamodb) == []


def test_a_change_is_an_event_without_the_number(put, dynamodb):
    assert put(DEFAULT | {"sms": {"order_updates": True, "phone": "+4915112345678"}}).status == 200
    [event] = events(dynamodb)
    assert (event["type"], event["sms_order_updates"]) == ("PreferencesChanged", True)
    assert "+49" not in str(event)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (DEFAULT | {"role": "admin"}, "role"),
        (DEFAULT | {"email": {"order_updates": "yes"}}, "email.order_updates"),
        (DEFAULT | {"email": {"order_updates": 1}}, "email.order_updates"),
        (DEFAULT | {"email": {"order_updates": True, "news": True}}, "email.news"),
        (DEFAULT | {"email": None}, "email"),
        (DEFAULT | {"sms": {"phone": "0151 1234"}}, "sms.phone"),
        (DEFAULT | {"sms": {"phone": "+1\r\nBcc: x"}}, "sms.phone"),
        (DEFAULT | {"sms": {"phone": "+4242424242424242"}}, "sms.phone"),
        (DEFAULT | {"locale": "fr"}, "locale"),
    ],
)
def test_bad_preferences_are_refused_by_name_and_change_nothing(body, field, put, dynamodb):
    answer = put(body)
    assert answer.status == 422
    assert field in [error["field"] for error in answer.body["errors"]]
    assert events(dynamodb) == []


@pytest.mark.parametrize(
    "body", ["{", '{"locale": NaN}', '{"locale": "en", "locale": "de"}', '"\\ud800"', "[]", "[" * 2000]
)
def test_what_is_no_json_object_is_refused(body, put):
    assert put(body).status == 400


def test_a_number_that_would_pass_as_a_cards_is_a_number(put):
    """13 digits and Luhn-valid, as one in ten mobile numbers is."""
    assert looks_like_a_card("4915112345678")
    assert put(DEFAULT | {"sms": {"order_updates": True, "phone": "+4915112345678"}}).status == 200


def test_preferences_are_for_who_is_signed_in(get, put):
    assert get(caller=None).status == 401
    assert put(DEFAULT, caller=None).status == 401


def test_no_order_mail_goes_to_who_wants_none_and_a_security_mail_does(ada, hear, put, delivered, outbox):
    assert put(NO_ORDER_MAILS).status == 200
    assert delivered()
    assert outbox == []
    asked = ada | {"token_id": "0" * 32, "expires_at": "2024-05-02T00:00:00Z"}
    assert hear("PasswordResetRequested", asked, sequence=4)
    [mail] = outbox
    assert header(mail, "List-Unsubscribe") is None
    assert "unsubscribe" not in text(mail)


def test_a_mail_about_an_order_says_how_to_get_no_more_of_them(ada, delivered, outbox):
    assert delivered()
    [mail] = outbox
    assert header(mail, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    token = token_of(mail)
    assert f"https://shop.example/notifications/unsubscribe?token={token}" in text(mail)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (
            '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
        (None, "text/plain"),
    ],
)
def test_one_click_is_enough_and_as_often_as_they_like(
    body, content_type, ada, delivered, outbox, click, get, dynamodb
):
    assert delivered("ord_1")
    token = token_of(outbox[0])
    for _ in range(2):
        answer = click(token, body, content_type)
        assert (answer.status, answer.body) == (200, {"status": "unsubscribed"})
    assert get().body == NO_ORDER_MAILS
    assert get().headers["ETag"] == '"1"'
    assert delivered("ord_2")
    assert len(outbox) == 1
    assert [event["one_click"] for event in events(dynamodb) if event["type"] == "PreferencesChanged"] == [True]
    assert token.rpartition(".")[2] not in all_rows(dynamodb)


def test_a_link_is_good_for_long(ada, delivered, outbox, http):
    assert delivered()
    ten_years = 1714521600000 + 10 * 365 * 86_400_000
    answer = http(handlers.api, "POST", UNSUBSCRIBE, query={"token": token_of(outbox[0])}, at=ten_years)
    assert answer.status == 200


@pytest.fixture
def token(ada, delivered, outbox):
    assert delivered()
    return token_of(outbox[0])


def false_tokens(token):
    mail_list, customer_id, mac = token.split(".")
    return [
        None,
        "",
        "x",
        mac,
        f"{mail_list}.cus_bob.{mac}",
        f"marketing.{customer_id}.{mac}",
        f"{mail_list}.{customer_id}.{'A' * 43}",
        f"{mail_list}.{customer_id}.{mac[:-1]}",
        f"{token}.",
        f"{token}\n",
        token.upper(),
        "." * 10_000,
        "\ud800",
        "Ünsubscribe.cus_ada." + "A" * 43,
    ]


def test_a_false_token_is_refused_and_changes_nothing(token, click, http, get):
    for false in false_tokens(token):
        answer = click(false)
        assert (answer.status, answer.body["code"]) == (400, "invalid_unsubscribe_token"), false
        query = {} if false is None else {"token": false}
        assert http(handlers.api, "GET", UNSUBSCRIBE, query=query).status == 400
    assert get().body == DEFAULT


def test_a_token_for_something_else_is_none_for_this(click):
    for seals in (bootstrap.seals(), bootstrap.links()):
        assert click(seals.token("confirm", "order_updates.cus_ada")).status == 400
    assert click(bootstrap.links().token("unsubscribe", "order_updates.cus_ada")).status == 400


def test_looking_at_the_link_changes_nothing_and_offers_the_click(token, http, get):
    seen = http_text(http, token)
    assert seen.headers["Content-Type"].startswith("text/html")
    assert 'method="post"' in seen.text
    assert f'action="?token={token}"' in seen.text
    assert get().body == DEFAULT


def http_text(http, token):
    """The answer is no JSON."""
    import json

    real = json.loads
    try:
        json.loads = lambda text, **how: real(text, **how) if not text.startswith("<") else None
        return http(handlers.api, "GET", UNSUBSCRIBE, query={"token": token})
    finally:
        json.loads = real


def test_unsubscribing_after_the_erasure_is_no_fault(token, hear, click, dynamodb):
    assert hear("CustomerErased", {"customer_id": "cus_ada"}, sequence=9)
    assert click(token).status == 200
    assert told()["customer_id"] in all_rows(dynamodb)
