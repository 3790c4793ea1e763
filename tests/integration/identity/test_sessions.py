"""Signing in, staying signed in, and signing out."""

import pytest

from identity import bootstrap
from tests.integration.identity.conftest import NOW

DAY = 24 * 3_600_000


@pytest.fixture(autouse=True)
def ada(join):
    join()


def test_a_session_has_an_access_token_for_ten_minutes_and_a_refresh_token(login, claims):
    answer = login()
    assert answer.status == 200
    assert set(answer.body) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 600)
    assert answer.headers["Cache-Control"] == "no-store"
    said = claims(answer.body["access_token"])
    assert (said["iss"], said["aud"], said["roles"]) == ("https://shop.example", "commerce", [])
    assert (said["iat"], said["exp"]) == (NOW // 1000, NOW // 1000 + 600)
    assert said["sub"].startswith("cus_") and said["sid"].startswith("ses_") and said["jti"]


def test_wrong_in_any_way_is_one_and_the_same_answer(login, register):
    register("unconfirmed@shop.example")
    wrong = [
        login(password="wrong password"),
        login("nobody@shop.example"),
        login("unconfirmed@shop.example"),
        login("no address"),
        login(password="x"),
        login(password=""),
    ]
    assert {(answer.status, answer.text) for answer in wrong} == {(401, wrong[0].text)}
    assert wrong[0].body["code"] == "invalid_credentials"


def test_the_same_work_is_done_for_known_and_unknown_addresses(login, monkeypatch):
    """Counted, not timed: one comparison and the same calls to the table."""
    done = []
    match, get = bootstrap.passwords().match, bootstrap.rows().get
    monkeypatch.setattr(bootstrap.passwords(), "match", lambda *a: done.append("match") or match(*a))
    monkeypatch.setattr(bootstrap.rows(), "get", lambda *a: done.append("get") or get(*a))
    login(password="wrong password")
    known, done[:] = list(done), []
    login("nobody@shop.example")
    assert done == known


def test_a_refresh_token_is_spent_by_its_use(login, refresh):
    first = login().body
    second = refresh(first["refresh_token"])
    assert second.status == 200
    assert second.body["refresh_token"] != first["refresh_token"]
    assert second.body["access_token"] != first["access_token"]
    assert refresh(second.body["refresh_token"]).status == 200


def test_a_spent_refresh_token_kills_its_family_and_no_other(login, refresh, events):
    other, first = login().body, login().body
    second = refresh(first["refresh_token"]).body
    refused = refresh(first["refresh_token"])
    assert (refused.status, refused.body["code"]) == (401, "invalid_refresh_token")
    assert refresh(second["refresh_token"]).status == 401
    assert refresh(first["refresh_token"]).status == 401
    assert [event["cause"] for event in events() if event["type"] == "SessionEnded"] == ["reused"]
    assert refresh(other["refresh_token"]).status == 200


def test_an_invented_refresh_token_does_no_harm(login, refresh):
    token = login().body["refresh_token"]
    sid, family, secret = token.split(".")
    for false in ("", "nonsense", f"{sid}.{'x' * 22}.{secret}", f"ses_0.{family}.{secret}", f"{sid}..{secret}"):
        assert refresh(false).status == 401
    assert refresh(token).status == 200


def test_a_rotation_whose_answer_the_sdk_lost_is_not_taken_for_theft(login, refresh, monkeypatch):
    token, rows = login().body["refresh_token"], bootstrap.rows()
    update = rows.update

    def twice(*args, **how):
        update(*args, **how)
        return update(*args, **how)

    monkeypatch.setattr(rows, "update", twice)
    answer = refresh(token)
    assert answer.status == 200
    monkeypatch.undo()
    assert refresh(answer.body["refresh_token"]).status == 200


def test_a_session_ends_after_thirty_days(login, refresh):
    token = login().body["refresh_token"]
    assert refresh(token, at=NOW + 30 * DAY).status == 401
    assert refresh(token, at=NOW + 30 * DAY - 1000).status == 200


def test_signing_out_ends_the_session_and_may_be_repeated(login, refresh, call, events):
    token = login().body["refresh_token"]
    for _ in range(2):
        assert call("POST", "/identity/logout", body={"refresh_token": token}).status == 204
    assert call("POST", "/identity/logout", body={"refresh_token": "nonsense"}).status == 204
    assert refresh(token).status == 401
    assert [event["cause"] for event in events() if event["type"] == "SessionEnded"] == ["logout"]


@pytest.fixture
def quick(monkeypatch):
    """Without the work of comparing, where the answers count."""
    monkeypatch.setattr(
        bootstrap.passwords(), "match", lambda password, known: known is not None and password != "wrong"
    )


def test_an_account_may_be_tried_ten_times_and_then_waits_longer_and_longer(quick, login):
    assert {login(password="wrong", at=NOW).status for _ in range(10)} == {401}
    refused = login(at=NOW)
    assert (refused.status, refused.body["code"]) == (429, "too_many_attempts")
    assert refused.headers["Retry-After"] == "1"
    assert login(password="wrong", at=NOW + 1000).status == 401
    assert login(at=NOW + 2000).headers["Retry-After"] == "1"
    assert login(password="wrong", at=NOW + 3000).status == 401
    assert login(at=NOW + 3000).headers["Retry-After"] == "4"
    assert login(at=NOW + 7000).status == 200
    assert {login(password="wrong", at=NOW + 8000).status for _ in range(10)} == {401}


def test_nobody_learns_from_the_throttle_who_is_registered(quick, login):
    for email in ("ada@shop.example", "nobody@shop.example"):
        assert [login(email, password="wrong").status for _ in range(11)] == [401] * 10 + [429]


def test_a_source_of_many_failures_waits_too_and_successes_do_not_count(quick, login):
    for _ in range(3):
        assert login().status == 200
    for number in range(100):
        assert login(f"user{number}@shop.example", password="wrong").status == 401
    assert login().status == 429
    assert login(at=NOW + 15 * 60_000 + 2000).status == 200
