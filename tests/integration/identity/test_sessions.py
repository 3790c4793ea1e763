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


def test_an_answer_that_was_lost_is_given_again_to_the_same_request_only(login, refresh, events):
    """The grace: same token, same Idempotency-Key, within 30 seconds, and nobody has used what it made."""
    first, key = login().body["refresh_token"], {"key": "try-1"}
    lost = refresh(first, **key)
    again = refresh(first, **key, at=NOW + 30_000)
    assert (again.status, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.body["refresh_token"] == lost.body["refresh_token"]
    assert "Idempotent-Replayed" not in lost.headers
    assert refresh(again.body["refresh_token"]).status == 200
    assert [event for event in events() if event["type"] == "SessionEnded"] == []


@pytest.mark.parametrize(
    ("how", "between"),
    [
        pytest.param({}, None, id="without a key"),
        pytest.param({"key": "another"}, None, id="with another key"),
        pytest.param({"key": "try-1", "at": NOW + 31_000}, None, id="too late"),
        pytest.param({"key": "try-1"}, "used", id="after its successor was used"),
    ],
)
def test_the_grace_is_for_nobody_else(how, between, login, refresh):
    first = login().body["refresh_token"]
    second = refresh(first, key="try-1").body["refresh_token"]
    if between:
        second = refresh(second).body["refresh_token"]
    assert refresh(first, **how).status == 401
    assert refresh(second).status == 401


def test_a_key_is_for_one_rotation(login, refresh):
    first = login().body["refresh_token"]
    second = refresh(first, key="try-1").body["refresh_token"]
    third = refresh(second, key="try-1")
    assert (third.status, "Idempotent-Replayed" in third.headers) == (200, False)
    assert len({first, second, third.body["refresh_token"]}) == 3
    assert refresh(first, key="try-1").status == 401


def test_a_bad_key_is_refused_and_spends_nothing(login, refresh):
    token = login().body["refresh_token"]
    assert refresh(token, key="x" * 256).status == 400
    assert refresh(token, key="ü").status == 400
    assert refresh(token).status == 200


def test_of_two_rotations_at_once_one_wins_and_the_family_dies(login, refresh, monkeypatch):
    """They cannot be told from a thief and the owner, so it is safer that both sign in again."""
    first, rows = login().body["refresh_token"], bootstrap.rows()
    update, answers = rows.update, []

    def both_read_first(*args, **how):
        monkeypatch.undo()
        answers.append(refresh(first))
        return update(*args, **how)

    monkeypatch.setattr(rows, "update", both_read_first)
    answers.append(refresh(first))
    assert [answer.status for answer in answers] == [200, 401]
    assert refresh(answers[0].body["refresh_token"]).status == 401


@pytest.fixture
def phone(login, claims):
    """A second session of Ada's, with its refresh token."""
    pair = login(at=NOW + 60_000, headers={"user-agent": "phone"}).body
    said = claims(pair["access_token"])
    return {"caller": said["sub"], "sid": said["sid"]}, pair["refresh_token"]


def test_sessions_are_listed_and_ended_one_by_one(signed_in, phone, call, refresh, events):
    (there, token), here = phone, signed_in()
    listed = call("GET", "/identity/sessions", **here).body
    assert [session["session_id"] for session in listed["items"]] == [there["sid"], here["sid"]]
    assert [session["current"] for session in listed["items"]] == [False, True]
    assert listed["items"][0] | {"session_id": ""} == {
        "session_id": "",
        "user_agent": "phone",
        "started_at": "2024-05-01T00:01:00Z",
        "used_at": "2024-05-01T00:01:00Z",
        "expires_at": "2024-05-31T00:01:00Z",
        "current": False,
    }
    for _ in range(2):
        path = f"/identity/sessions/{there['sid']}"
        assert call("DELETE", "/identity/sessions/{sid}", path=path, **here).status == 204
    assert refresh(token).status == 401
    assert [s["session_id"] for s in call("GET", "/identity/sessions", **here).body["items"]] == [here["sid"]]
    assert [event["cause"] for event in events() if event["type"] == "SessionEnded"] == ["revoked"]


def test_a_session_of_someone_else_does_not_exist(signed_in, join, phone, call, refresh):
    join("eve@shop.example")
    eve, (there, token) = signed_in("eve@shop.example"), phone
    answers = [
        call("DELETE", "/identity/sessions/{sid}", path=f"/identity/sessions/{sid}", **eve)
        for sid in (there["sid"], "ses_0", "%20", "x" * 64)
    ]
    known, unknown = (answer.body | {"instance": ""} for answer in answers[:2])
    assert {answer.status for answer in answers} == {404}
    assert known == unknown
    assert refresh(token).status == 200
    assert [s["session_id"] for s in call("GET", "/identity/sessions", **eve).body["items"]] == [eve["sid"]]


def test_a_list_of_sessions_comes_in_pages(login, signed_in, call):
    here = signed_in()
    for minute in range(1, 5):
        login(at=NOW + minute * 60_000)
    seen, query = [], {"limit": "2"}
    while query:
        page = call("GET", "/identity/sessions", **here, query=query).body
        seen += [session["started_at"] for session in page["items"]]
        query = {"limit": "2", "cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert seen == [f"2024-05-01T00:0{minute}:00Z" for minute in (4, 3, 2, 1, 0)]
    assert call("GET", "/identity/sessions", **here, query={"cursor": "x"}).status == 400
    assert call("GET", "/identity/sessions").status == 401


def test_sessions_that_ran_out_are_not_listed(signed_in, phone, call):
    here, late = signed_in(), NOW + 30 * DAY
    assert [s["session_id"] for s in call("GET", "/identity/sessions", **here, at=late).body["items"]] == [
        phone[0]["sid"]
    ]
