"""What people see and change of themselves, and what admins give them."""

import pytest

ME = "/identity/me"
ROLES = "/identity/users/{id}/roles"


@pytest.fixture
def ada(join, login, claims):
    join()
    return claims(login().body["access_token"])["sub"]


def test_a_profile_can_be_read_and_changed_by_who_has_seen_it(call, ada, events):
    seen = call("GET", ME, caller=ada)
    assert seen.status == 200
    assert seen.body == {
        "customer_id": ada,
        "email": "ada@shop.example",
        "name": "Ada",
        "roles": [],
        "guest": False,
        "mfa_enabled": False,
        "created_at": "2024-05-01T00:00:00Z",
    }
    tag = seen.headers["ETag"]
    assert call("GET", ME, caller=ada, headers={"if-none-match": tag}).status == 304
    assert call("PATCH", ME, caller=ada, body={"name": "Lady Lovelace"}).status == 428
    changed = call("PATCH", ME, caller=ada, body={"name": "Lady Lovelace"}, headers={"if-match": tag})
    assert (changed.status, changed.body["name"]) == (200, "Lady Lovelace")
    assert changed.headers["ETag"] != tag
    stale = call("PATCH", ME, caller=ada, body={"name": "Ada"}, headers={"if-match": tag})
    assert (stale.status, stale.body["code"]) == (412, "precondition_failed")
    assert call("GET", ME, caller=ada).body == changed.body
    again = call("PATCH", ME, caller=ada, body={"name": "Lady Lovelace"}, headers={"if-match": "*"})
    assert (again.status, again.headers["ETag"]) == (200, changed.headers["ETag"])
    assert [event["type"] for event in events()].count("ProfileChanged") == 1


def test_nothing_else_of_a_profile_can_be_changed(call, ada):
    for body in ({"email": "eve@shop.example"}, {"roles": ["admin"]}, {"name": ""}, {"name": 1}, {}):
        assert call("PATCH", ME, caller=ada, body=body, headers={"if-match": "*"}).status == 422


def test_an_admin_gives_and_takes_roles(call, ada, login, claims, events):
    def give(given, caller="cus_grace", roles="admin"):
        path, body = f"/identity/users/{ada}/roles", {"roles": given}
        return call("PUT", ROLES, path=path, body=body, caller=caller, roles=roles)

    assert give(["staff"], roles="").status == 403
    assert give(["staff"], roles="staff").status == 403
    assert give(["staff"], caller=None).status == 401
    assert give(["owner"]).status == 422
    for _ in range(2):
        answer = give(["staff"])
        assert (answer.status, answer.body) == (200, {"customer_id": ada, "roles": ["staff"]})
    assert [event["type"] for event in events()].count("RolesChanged") == 1
    assert claims(login().body["access_token"])["roles"] == ["staff"]
    assert call("GET", ME, caller=ada).body["roles"] == ["staff"]
    own = give(["staff"], caller=ada)
    assert own.status == 200  # nothing changes
    assert give([], caller=ada).body["code"] == "own_roles"
    assert give([]).body["roles"] == []
    unknown = call(
        "PUT", ROLES, path="/identity/users/cus_0/roles", caller="cus_grace", roles="admin", body={"roles": []}
    )
    assert (unknown.status, unknown.body["code"]) == (404, "not_found")


def test_nobody_signed_in_has_no_profile(call):
    assert call("GET", ME).status == 401
