"""Passwords that are chosen, and chosen anew."""

import time

import pytest

from tests.integration.identity.conftest import PASSWORD

ANOTHER = "entirely different battery"


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("password", id="the commonest"),
        pytest.param("Passw0rd!", id="what rules of composition make of it"),
        pytest.param("aaaaaaaaaaaaaaaa", id="one letter"),
        pytest.param("qwertyuiop", id="a row of keys"),
        pytest.param("adalovelace", id="their name"),
        pytest.param("lovelace1815", id="their name and a year"),
        pytest.param("commerceshop", id="ours"),
    ],
)
def test_what_is_easily_guessed_is_refused_known_address_or_not(password, register, join, events):
    join("ada@shop.example")
    before = len(events())
    for email in ("ada@shop.example", "ada@new.example"):
        answer = register(email, password=password, name="Ada Lovelace")
        assert (answer.status, answer.body["code"]) == (422, "weak_password")
        assert [error["field"] for error in answer.body["errors"]] == ["password"]
    assert len(events()) == before


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "kräftige Gräser überall",
        "合言葉はとても長いです秘密",
        "zQ8#vL2m!x",
        "x7" + "long enough to be refused by the careless " * 3,
    ],
)
def test_what_is_hard_to_guess_is_taken_whatever_it_is_made_of(password, join, login):
    join(password=password)
    assert login(password=password).status == 200
    assert login(password=password[:-1]).status == 401


def test_a_long_password_costs_no_more_than_any_other(register, login):
    """zxcvbn's time grows faster than the length, and a login hashes what a stranger sends."""
    started = time.perf_counter()
    assert register(password="1qaz2wsx" * 16).status in (202, 422)
    assert login(password="\ufdfa" * 1024).status == 401
    assert login(password="x" * 1025).status == 422
    assert time.perf_counter() - started < 3


@pytest.fixture
def ada(join, signed_in):
    join()
    return signed_in()


def change(call, me, current=PASSWORD, password=ANOTHER, **how):
    body = {"current_password": current, "password": password}
    return call("POST", "/identity/password/change", body=body, **me, **how)


def test_a_new_password_ends_all_sessions_and_the_old_one_is_none(ada, call, login, refresh, events):
    others = [login().body["refresh_token"] for _ in range(2)]
    assert change(call, ada).status == 204
    assert [refresh(token).status for token in others] == [401, 401]
    assert change(call, ada, ANOTHER, PASSWORD).body["code"] == "session_over"
    assert (login().status, login(password=ANOTHER).status) == (401, 200)
    assert [event["type"] for event in events()].count("PasswordChanged") == 1


def test_who_does_not_know_the_old_one_changes_nothing(ada, call, login):
    refused = change(call, ada, "not my password")
    assert (refused.status, refused.body["code"]) == (422, "wrong_password")
    assert [error["field"] for error in refused.body["errors"]] == ["current_password"]
    assert change(call, ada, password="Passw0rd!").body["code"] == "weak_password"
    assert change(call, {}).status == 401
    assert login().status == 200


def test_a_weak_password_does_not_burn_the_token_of_a_reset(ada, call, mailed, login):
    call("POST", "/identity/password/forgot", body={"email": "ada@shop.example"})
    [token] = mailed("ada@shop.example", "reset")
    for password, status in (("adas shop", 422), (ANOTHER, 204)):
        answer = call("POST", "/identity/password/reset", body={"token": token, "password": password})
        assert answer.status == status
    assert login(password=ANOTHER).status == 200


def test_no_password_is_in_an_event_or_a_refusal(ada, call, stored):
    refused = change(call, ada, password="Passw0rd!")
    change(call, ada)
    assert "Passw0rd!" not in refused.text
    assert ANOTHER not in stored()
