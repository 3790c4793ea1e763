"""How often someone may try to sign in."""

from datetime import UTC, datetime

import pytest

from identity import bootstrap
from identity.throttle import LOGINS_FROM_ONE_SOURCE, TooManyAttempts, Try
from tests.integration.identity.conftest import NOW, PASSWORD

MINUTE = 60_000


@pytest.fixture(autouse=True)
def ada(join):
    join()


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


def test_what_is_refused_counts_for_nobody(quick, login):
    for _ in range(30):
        login(password="wrong")
    for number in range(89):  # with ten of the above, one less than a hundred
        assert login(f"user{number}@shop.example", password="wrong").status == 401
    assert login("bob@shop.example", password="wrong").status == 401
    assert login("carl@shop.example", password="wrong").status == 429


def attack(login, at, sources=7):
    """As many wrong passwords as a net of other people's machines gets in at that time."""
    tried = 0
    for source in range(sources):
        while login(password="wrong", at=at, source=f"203.0.113.{source}").status == 401:
            tried += 1
    return tried


def test_nobody_can_lock_the_owner_out_of_where_they_are_known(quick, login):
    for minute in range(0, 30, 10):
        attack(login, NOW + minute * MINUTE)
        assert login(at=NOW + minute * MINUTE).status == 200
    assert login(at=NOW + 20 * MINUTE, source="198.51.100.1").status == 429


def test_many_sources_together_get_hardly_further_than_one(quick, login):
    tried = [attack(login, NOW + minute * MINUTE) for minute in range(10)]
    assert tried[0] == 50
    assert sum(tried[1:]) < 10


def test_the_owner_gets_in_from_anywhere_after_reading_a_mail(quick, login, call, mailed):
    attack(login, NOW)
    elsewhere = {"source": "198.51.100.1"}
    assert login(**elsewhere).status == 429
    assert call("POST", "/identity/password/forgot", body={"email": "ada@shop.example"}).status == 202
    [token] = mailed("ada@shop.example", "reset")
    reset = {"token": token, "password": "entirely different battery"}
    assert call("POST", "/identity/password/reset", body=reset, **elsewhere).status == 204
    attack(login, NOW + 1000)
    assert login(password="entirely different battery", at=NOW + 1000, **elsewhere).status == 200


def test_an_account_is_known_for_ninety_days_from_a_source(quick, login):
    late = NOW + 91 * 24 * 60 * MINUTE
    attack(login, late)
    assert login(at=late).status == 429


def test_one_who_has_many_addresses_of_one_network_is_one_source(quick, login):
    answers = [login(password="wrong", source=f"2001:db8:0:1::{n:x}").status for n in range(11)]
    assert answers == [401] * 10 + [429]
    assert login(password="wrong", source="2001:db8:0:2::1").status == 401


def test_what_a_client_says_of_where_it_comes_from_is_not_believed(quick, login):
    headers = ("x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip")
    answers = [login(password="wrong", headers={name: f"198.51.100.{n}" for name in headers}).status for n in range(11)]
    assert answers == [401] * 10 + [429]


@pytest.mark.parametrize("before", [0, 1])
def test_tries_at_once_count_as_one_by_one(before, quick, login, monkeypatch):
    """Each reads the count before the other writes it, be it the first or not."""
    for _ in range(before):
        login(password="wrong")
    rows = bootstrap.rows()
    put, inner = rows.put, []

    def another_first(row, *args, **how):
        if row["pk"].startswith("tries#") and len(inner) < 5:
            inner.append(None)
            inner.append(login(password="wrong").status)
        return put(row, *args, **how)

    monkeypatch.setattr(rows, "put", another_first)
    login(password="wrong")
    monkeypatch.undo()
    tried = before + 1 + len([status for status in inner if status])
    answers = [login(password="wrong").status for _ in range(11 - tried)]
    assert answers == [401] * (10 - tried) + [429]


def test_passwords_of_the_signed_in_cannot_be_guessed_either(quick, signed_in, call):
    me = signed_in()
    body = {"current_password": "wrong", "password": "entirely different battery"}
    answers = [call("POST", "/identity/password/change", body=body, **me) for _ in range(6)]
    assert [answer.status for answer in answers] == [422] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    right = body | {"current_password": PASSWORD}
    assert call("POST", "/identity/password/change", body=right, at=NOW + 2000, **me).status == 204


def test_tries_that_were_forgotten_meanwhile_are_not_taken_back():
    """Or whoever is refused when somebody has got in would have a try more than others, and then none."""
    throttle, one = bootstrap.throttle(), Try(LOGINS_FROM_ONE_SOURCE, "cus_ada", "192.0.2.1")
    at = datetime.fromtimestamp(NOW / 1000, UTC)
    throttle.admit([one], at)
    throttle.forget(one)
    throttle.take_back([one], at)
    for _ in range(10):
        throttle.admit([one], at)
    with pytest.raises(TooManyAttempts):
        throttle.admit([one], at)
