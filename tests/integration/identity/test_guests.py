"""Buying without an account."""

import pytest

from tests.integration.identity.conftest import NOW

DAY = 24 * 3_600_000


@pytest.fixture
def guest(call):
    def admit(email="guest@shop.example", name="Guest", **how):
        return call("POST", "/identity/guest", body={"email": email, "name": name}, **how)

    return admit


def test_a_guest_has_a_session_of_a_day_and_no_role(guest, claims, refresh, gate_says):
    answer = guest()
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    said = claims(answer.body["access_token"])
    assert (said["roles"], said["exp"] - said["iat"]) == ([], 600)
    assert said["sub"].startswith("cus_")
    assert "sub" in gate_says(f"Bearer {answer.body['access_token']}")
    second = refresh(answer.body["refresh_token"], at=NOW + DAY - 1000)
    assert claims(second.body["access_token"])["sub"] == said["sub"]
    assert refresh(second.body["refresh_token"], at=NOW + DAY).status == 401


def test_every_guest_is_someone_else_and_the_address_stays_free(guest, claims, join, login):
    first, second = (claims(guest("ada@shop.example").body["access_token"])["sub"] for _ in range(2))
    assert first != second
    join("ada@shop.example")
    assert claims(login().body["access_token"])["sub"] not in (first, second)
    assert guest("ada@shop.example").status == 200


def test_nobody_can_sign_in_as_a_guest_or_make_one_more_than_that(guest, claims, call, login, mailed):
    said = claims(guest().body["access_token"])
    me = {"caller": said["sub"], "sid": said["sid"]}
    assert login("guest@shop.example").status == 401
    assert call("POST", "/identity/password/forgot", body={"email": "guest@shop.example"}).status == 202
    assert mailed("guest@shop.example", "reset") == []
    assert call("POST", "/identity/mfa", **me).body["code"] == "no_account"
    change = {"current_password": "", "password": "correct horse battery staple"}
    assert call("POST", "/identity/password/change", **me, body=change).body["code"] == "wrong_password"
    path = f"/identity/users/{said['sub']}/roles"
    roles = call(
        "PUT", "/identity/users/{id}/roles", path=path, caller="cus_0", roles="admin", body={"roles": ["staff"]}
    )
    assert (roles.status, roles.body["code"]) == (409, "no_account")


def test_a_guest_sees_and_corrects_what_they_gave_and_can_be_forgotten(guest, claims, call, stored):
    said = claims(guest(name="Gust").body["access_token"])
    me = {"caller": said["sub"], "sid": said["sid"]}
    seen = call("GET", "/identity/me", **me)
    assert (seen.body["name"], seen.body["guest"]) == ("Gust", True)
    headers = {"if-match": seen.headers["ETag"]}
    assert call("PATCH", "/identity/me", **me, body={"name": "Guest"}, headers=headers).body["name"] == "Guest"
    assert call("DELETE", "/identity/me", **me).status == 202
    assert call("GET", "/identity/me", **me).status == 404


def test_an_address_is_not_filled_with_guests(guest):
    assert [guest().status for _ in range(6)] == [200] * 5 + [429]
    assert guest("another@shop.example").status == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nowhere"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"roles": ["staff"]}, "roles"),
        ({"customer_id": "cus_ada"}, "customer_id"),
    ],
)
def test_a_wrong_field_is_named(changes, field, call, events):
    answer = call("POST", "/identity/guest", body={"email": "guest@shop.example", "name": "Guest", **changes})
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, [field])
    assert events() == []
