"""From an unknown address to an account, and back to it when the password is gone."""

import pytest

from identity import bootstrap
from tests.integration.identity.conftest import NOW, PASSWORD, parts_of, sealed

HOUR = 3_600_000


def test_a_confirmed_registration_can_sign_in_and_one_that_is_not_cannot(register, confirm, mailed, login):
    answer = register()
    assert (answer.status, answer.body) == (202, {"status": "confirmation_sent"})
    assert login().status == 401
    assert confirm(mailed("ada@shop.example")[0]).status == 204
    assert login().status == 200


def test_a_token_is_good_once_in_time_and_for_one_thing(register, confirm, mailed, call):
    register()
    [token] = mailed("ada@shop.example")
    token_id = token.partition(".")[0]
    assert confirm(token, at=NOW + 24 * HOUR).body["code"] == "invalid_token"
    for false in ("nonsense", "", token[:-2] + "AA", sealed(token_id, "reset"), sealed("0" * 32, "confirm")):
        assert (confirm(false).status, confirm(false).body["code"]) == (400, "invalid_token")
    assert call("POST", "/identity/password/reset", body={"token": token, "password": PASSWORD}).status == 400
    assert confirm(token).status == 204
    assert confirm(token).status == 400


def test_a_known_address_gets_the_same_answer_and_keeps_its_password(join, register, login, events):
    join()
    before = len(events())
    first, again = register("bob@shop.example"), register(" Ada@SHOP.example ", password="something else entirely")
    assert (first.status, first.body) == (again.status, again.body)
    assert login().status == 200
    assert login(password="something else entirely").status == 401
    told = [event["email"] for event in events() if event["type"] == "ConfirmationRequested"]
    assert sorted(told) == ["ada@shop.example", "bob@shop.example"]
    assert [event["type"] for event in events()].count("RegistrationRepeated") == 1  # ada is told of it
    assert len(events()) == before + 4  # and bob, his confirmation, ada's session


def test_who_registers_the_address_of_another_gains_nothing(register, confirm, mailed, login):
    register(password="the thief's own password")
    register()
    thiefs, adas = mailed("ada@shop.example")
    assert confirm(adas).status == 204
    assert login().status == 200
    assert login(password="the thief's own password").status == 401
    assert confirm(thiefs).status == 400


def test_whoever_confirms_the_admins_address_is_an_admin(join, login, claims):
    join("grace@shop.example")
    assert claims(login("grace@shop.example").body["access_token"])["roles"] == ["admin"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"password": "7 chars"}, "password", id="a short password"),
        pytest.param({"password": "x" * 129}, "password", id="a long one"),
        pytest.param({"email": "ada"}, "email", id="no address"),
        pytest.param({"email": f"{'a' * 250}@shop.example"}, "email", id="a long address"),
        pytest.param({"name": " "}, "name", id="no name"),
        pytest.param({"name": "a\nb"}, "name", id="a name of two lines"),
        pytest.param({"roles": ["admin"]}, "roles", id="a role of their own"),
        pytest.param({"customer_id": "cus_1"}, "customer_id", id="an id of their own"),
    ],
)
def test_a_wrong_field_is_named_and_its_value_is_not_repeated(changes, field, call, events):
    body = {"email": "ada@shop.example", "password": PASSWORD, "name": "Ada", **changes}
    answer = call("POST", "/identity/register", body=body)
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, [field])
    assert PASSWORD not in answer.text
    assert "7 chars" not in answer.text
    assert events() == []


def test_nobodys_mailbox_is_filled(register, call, mailed, join):
    for _ in range(8):
        assert register().status == 202
    assert len(mailed("ada@shop.example")) == 5
    assert register(at=NOW + HOUR).status == 202
    assert len(mailed("ada@shop.example")) == 6


def test_a_forgotten_password_is_replaced_and_ends_all_sessions(join, login, refresh, call, mailed):
    join()
    session = login().body

    def forgot(email):
        return call("POST", "/identity/password/forgot", body={"email": email})

    def reset(token, password="a new password"):
        return call("POST", "/identity/password/reset", body={"token": token, "password": password})

    assert forgot("nobody@shop.example").text == forgot("ada@shop.example").text
    assert forgot("no address").status == 202
    [token] = mailed("ada@shop.example", "reset")
    assert reset(token, "short").status == 422
    assert reset(token).status == 204
    assert reset(token, "another one").status == 400
    assert refresh(session["refresh_token"]).status == 401
    assert (login().status, login(password="a new password").status) == (401, 200)


def test_neither_passwords_nor_tokens_are_stored(join, login, refresh, call, mailed, stored):
    join()
    call("POST", "/identity/password/forgot", body={"email": "ada@shop.example"})
    first = login().body
    second = refresh(first["refresh_token"]).body
    secrets = [PASSWORD, first["access_token"], second["access_token"]]
    secrets += [part for pair in (first, second) for part in parts_of(pair["refresh_token"])]
    for token in (*mailed("ada@shop.example"), *mailed("ada@shop.example", "reset")):
        secrets.append(token.partition(".")[2])
    assert len(secrets) == 9
    assert not [secret for secret in secrets if secret in stored()]


def test_of_two_who_use_a_token_at_once_one_is_refused(join, call, mailed, login, monkeypatch):
    """The other one comes between our looking at it and our spending it."""
    join()
    assert call("POST", "/identity/password/forgot", body={"email": "ada@shop.example"}).status == 202
    [token] = mailed("ada@shop.example", "reset")
    tokens = bootstrap.mail_tokens()
    redeem = tokens.redeem

    def reset(password):
        return call("POST", "/identity/password/reset", body={"token": token, "password": password})

    def outrun(*given):
        redeemed = redeem(*given)
        monkeypatch.setattr(tokens, "redeem", redeem)
        assert reset("what the faster one chose").status == 204
        return redeemed

    monkeypatch.setattr(tokens, "redeem", outrun)
    slower = reset("what the slower one chose")
    assert (slower.status, slower.body["code"]) == (400, "invalid_token")
    assert login(password="what the faster one chose").status == 200


def test_of_two_who_register_an_address_at_once_one_gets_it(register, events, monkeypatch):
    customers = bootstrap.customers()
    look = customers.by_email

    def outrun(email):
        found = look(email)
        monkeypatch.setattr(customers, "by_email", look)
        assert register().status == 202
        return found

    monkeypatch.setattr(customers, "by_email", outrun)
    assert register().body == {"status": "confirmation_sent"}
    types = [event["type"] for event in events()]
    assert (types.count("CustomerRegistered"), types.count("ConfirmationRequested")) == (1, 2)
