"""EasyPost's signature and its words, in its own form."""

import hashlib
import hmac
import json

import pytest

from common.domain.errors import Malformed
from shipping.webhook import InvalidSignature, read, verify

BODY = b'{"any": "bytes"}'


def signed(key, body=BODY):
    return "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def test_a_signature_is_made_with_the_secret_in_its_normal_form():
    verify("s3cret", BODY, signed(b"s3cret"))
    verify("sécret", BODY, signed("se\N{COMBINING ACUTE ACCENT}cret".encode()))


@pytest.mark.parametrize(
    ("signature", "body"),
    [
        pytest.param(signed(b"other"), BODY, id="another secret"),
        pytest.param(signed(b"s3cret"), BODY + b" ", id="another body"),
        pytest.param(signed(b"s3cret").removeprefix("hmac-sha256-hex="), BODY, id="another form"),
        pytest.param("hmac-sha256-hex=ü", BODY, id="no hex at all"),
        pytest.param("", BODY, id="none"),
    ],
)
def test_a_false_signature_is_refused(signature, body):
    with pytest.raises(InvalidSignature):
        verify("s3cret", body, signature)


def event(status, *details, description="tracker.updated"):
    result = {"tracking_code": "EZ1", "status": status, "updated_at": "2024-05-02T20:00:00Z"}
    return json.dumps(
        {"id": "evt_1", "object": "Event", "description": description, "result": result | {"tracking_details": details}}
    ).encode()


def scan(status, hour, **place):
    return {"status": status, "datetime": f"2024-05-02T{hour:02}:00:00Z", "tracking_location": place}


def told(*args, **how):
    return read(event(*args, **how))[1].news()


def test_each_scan_is_news_the_oldest_first():
    scans = scan("in_transit", 12, city="Berlin", country="DE"), scan("in_transit", 8, city="Leipzig")
    event_id, tracker = read(event("in_transit", scan("pre_transit", 6), *scans, scan("unknown", 13)))
    first, second = tracker.news()
    assert (event_id, first.status, first.location, first.occurred_at.hour) == ("evt_1", "in_transit", "Leipzig", 8)
    assert (second.status, second.location, second.occurred_at.hour) == ("in_transit", "Berlin, DE", 12)


def test_without_times_they_are_taken_as_they_stand():
    first, second = scan("in_transit", 12), {"status": "out_for_delivery", "datetime": None}
    assert [news.status for news in told("out_for_delivery", first, second)] == ["in_transit", "out_for_delivery"]


def test_what_no_scan_says_the_tracker_itself_says():
    [news] = told("delivered")
    assert (news.status, news.location, news.occurred_at.hour) == ("delivered", None, 20)
    assert [news.status for news in told("delivered", scan("in_transit", 8))] == ["in_transit", "delivered"]


def test_of_very_many_scans_the_newest_count():
    scans = [scan("in_transit", 8, city=str(number)) for number in range(500)]
    news = told("in_transit", *scans)
    assert (len(news), news[-1].location) == (100, "499")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("in_transit", "in_transit"),
        ("out_for_delivery", "out_for_delivery"),
        ("available_for_pickup", "out_for_delivery"),
        ("delivered", "delivered"),
        ("return_to_sender", "returned"),
        ("failure", "failed"),
        ("cancelled", "failed"),
    ],
)
def test_easyposts_words_are_ours(said, meant):
    [news] = told(said)
    assert (news.status, news.cause) == (meant, said if meant in ("failed", "returned") else "")


@pytest.mark.parametrize("status", ["unknown", "pre_transit", "error", "something_new"])
def test_what_has_not_moved_is_no_news(status):
    assert told(status) == ()


def test_other_events_are_not_for_us():
    assert read(event("delivered", description="batch.updated")) == ("evt_1", None)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"id": 1}', event(None), event("delivered", "no scan")])
def test_what_is_no_event_is_malformed(body):
    with pytest.raises(Malformed):
        read(body)
