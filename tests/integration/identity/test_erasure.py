"""Being forgotten."""

from hashlib import sha256

import pytest

from identity import handlers
from tests.integration.identity.conftest import PASSWORD


@pytest.fixture
def ada(join, signed_in):
    join(name="Ada Lovelace")
    return signed_in()


@pytest.fixture
def tell(deliver, message):
    """What the bus brings back of an erasure."""

    def tell(customer_id, times=1):
        said = message("identity", "CustomerErased", customer_id, {"customer_id": customer_id}, sequence=9)
        assert deliver(handlers.consumer, *[said] * times) == []

    return tell


@pytest.fixture
def rows(dynamodb):
    return lambda: str(dynamodb.scan(TableName="commerce-identity-state")["Items"])


def test_nothing_that_says_who_they_were_is_left_in_a_row(ada, call, register, login, rows, tell, events):
    agent = {"user-agent": "Ada's own browser"}
    login(headers=agent)
    call("POST", "/identity/mfa", **ada)
    call("POST", "/identity/password/forgot", body={"email": "ada@shop.example"})
    answer = call("DELETE", "/identity/me", **ada)
    assert (answer.status, answer.body) == (202, {"status": "erasing"})
    tell(ada["caller"], times=2)
    left = rows()
    address = sha256(b"ada@shop.example").hexdigest()
    for trace in ("ada@shop.example", address, "Lovelace", "browser", ada["caller"], "factor"):
        assert trace not in left, trace
    assert [e["customer_id"] for e in events() if e["type"] == "CustomerErased"] == [ada["caller"]]


def test_all_sessions_and_tokens_are_dead_and_the_address_is_free(ada, call, login, refresh, join, mailed, claims):
    other = login().body
    call("POST", "/identity/password/forgot", body={"email": "ada@shop.example"})
    [reset] = mailed("ada@shop.example", "reset")
    assert call("DELETE", "/identity/me", **ada).status == 202
    assert refresh(other["refresh_token"]).status == 401
    assert login().status == 401
    for method, route, body in (
        ("GET", "/identity/me", None),
        ("GET", "/identity/sessions", None),
        ("POST", "/identity/mfa", None),
        ("POST", "/identity/password/change", {"current_password": PASSWORD, "password": "another fine password"}),
    ):
        assert call(method, route, **ada, body=body).status == 404
    lost = call("POST", "/identity/password/reset", body={"token": reset, "password": "another fine password"})
    assert lost.status == 400
    join("ada@shop.example")
    assert claims(login().body["access_token"])["sub"] != ada["caller"]


def test_asked_again_it_is_already_so(ada, call, events):
    assert [call("DELETE", "/identity/me", **ada).status for _ in range(3)] == [202] * 3
    assert [event["type"] for event in events()].count("CustomerErased") == 1


def test_what_is_told_late_forgets_nobody_else(ada, call, join, signed_in, tell, refresh, login):
    assert call("DELETE", "/identity/me", **ada).status == 202
    join("ada@shop.example")
    token = login().body["refresh_token"]
    tell(ada["caller"])
    assert refresh(token).status == 200


def test_an_admin_hands_over_first(join, signed_in, call):
    join("grace@shop.example")
    grace = signed_in("grace@shop.example")
    refused = call("DELETE", "/identity/me", **grace)
    assert (refused.status, refused.body["code"]) == (409, "own_roles")


def test_only_who_is_signed_in_and_still_is_can_be_erased(ada, call, login):
    token = login().body["refresh_token"]
    assert call("POST", "/identity/logout", body={"refresh_token": token}).status == 204
    assert call("DELETE", "/identity/me").status == 401
    assert call("DELETE", "/identity/me", **{**ada, "sid": token.partition(".")[0]}).body["code"] == "session_over"
    assert call("GET", "/identity/me", **ada).status == 200
