"""People and their accounts, over HTTP: who gets in, who is kept out, and who is forgotten."""

from datetime import UTC, datetime

import pyotp
import pytest

from local.cli.keys import keys, rotate
from local.shop import PASSWORD, Person

ADMIN = "admin@commerce.example"


def post(shop, path, body, **headers):
    return shop.client.post(path, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def login(shop, email, password=PASSWORD, **more):
    return post(shop, "/identity/login", {"email": email, "password": password, **more})


@pytest.fixture
def fresh(shop):
    """Somebody who has joined just now, with both of their tokens."""

    def join(email, name="Ada"):
        shop.join(email, name)
        session = login(shop, email).json()
        person = Person(shop.client, session["access_token"], key=f"fresh-{email}")
        person.refresh_token = session["refresh_token"]
        return person

    return join


def test_keys_are_rotated_by_the_command_and_no_token_is_refused_because_of_it(platform, shop, staff):
    kms, alias = platform.operator("kms"), "alias/commerce/tokens"

    def kids():
        return {key["kid"] for key in shop.client.get("/.well-known/jwks.json").json()["keys"]}

    ada = shop.join("keys@customer.example")
    before = kids()
    rotate(kms, alias, datetime.fromtimestamp(platform.clock.now(), tz=UTC))
    platform.advance(5 * 60)
    assert len(kids()) == 2 and before < kids()
    assert ada.get("/identity/me")["email"] == "keys@customer.example"
    assert shop.sign_in("keys@customer.example").get("/identity/me")
    platform.advance(6 * 60)
    later = shop.sign_in("keys@customer.example")
    assert later.get("/identity/me")
    assert later.token.partition(".")[0] != ada.token.partition(".")[0]
    current, previous = keys(kms, alias)
    assert current.key_id != previous.key_id


def test_a_second_factor_is_asked_for_and_good_once(platform, shop, fresh):
    ada = fresh("factor@customer.example")
    shown = ada.post("/identity/mfa")

    def code():
        return pyotp.TOTP(shown["secret"]).at(int(platform.clock.now()))

    assert ada.ask("POST", "/identity/mfa/confirm", {"otp": code()}).status_code == 204
    assert login(shop, "factor@customer.example").json()["code"] == "otp_required"
    assert login(shop, "factor@customer.example", otp=code()).status_code == 401
    platform.advance(30)
    assert login(shop, "factor@customer.example", otp=code()).status_code == 200
    assert login(shop, "factor@customer.example", otp=shown["recovery_codes"][0]).status_code == 200
    platform.advance(30)
    assert ada.ask("DELETE", "/identity/mfa", {"otp": code()}).status_code == 204


def test_who_tries_too_often_waits_and_then_gets_in(platform, shop, fresh):
    fresh("tries@customer.example")
    answers = [login(shop, "tries@customer.example", "wrong password") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    unknown = [login(shop, "nobody@customer.example", "wrong password") for _ in range(11)]
    assert [answer.status_code for answer in unknown] == [401] * 10 + [429]
    spoofed = post(
        shop,
        "/identity/login",
        {"email": "tries@customer.example", "password": PASSWORD},
        x_forwarded_for="198.51.100.7",
    )
    assert spoofed.status_code == 429
    platform.advance(int(answers[-1].headers["retry-after"]))
    assert login(shop, "tries@customer.example").status_code == 200


def test_a_spent_refresh_token_kills_its_family(shop, fresh):
    ada = fresh("family@customer.example")
    first = ada.refresh_token
    second = post(shop, "/identity/refresh", {"refresh_token": first}).json()["refresh_token"]
    assert post(shop, "/identity/refresh", {"refresh_token": first}).status_code == 401
    assert post(shop, "/identity/refresh", {"refresh_token": second}).status_code == 401


def test_who_changes_their_name_or_password_is_told_and_signed_out_elsewhere(shop, fresh):
    ada = fresh("change@customer.example")
    seen = ada.ask("GET", "/identity/me").headers["etag"]
    assert ada.ask("PATCH", "/identity/me", {"name": "Augusta"}, if_match=seen).json()["name"] == "Augusta"
    new = {"current_password": PASSWORD, "password": "a longer horse and a better staple"}
    assert ada.ask("POST", "/identity/password/change", new).status_code == 204
    shop.settle()
    [newest, *_] = shop.mailbox("change@customer.example")
    assert "password" in newest["subject"].lower() and "Augusta" in newest["text"]
    assert login(shop, "change@customer.example").status_code == 401
    assert login(shop, "change@customer.example", new["password"]).status_code == 200


def test_signing_out_ends_access_within_ten_minutes(platform, shop, fresh):
    ada = fresh("logout@customer.example")
    assert ada.get("/identity/me")
    assert post(shop, "/identity/logout", {"refresh_token": ada.refresh_token}).status_code == 204
    platform.advance(9 * 60 + 30)
    assert ada.ask("GET", "/identity/me").status_code == 200  # and for a minute the gateway need not ask who that is
    platform.advance(30)
    expired = ada.ask("GET", "/identity/me")
    assert (expired.status_code, expired.json()["detail"]) == (401, "The access token has expired.")


def test_a_role_that_is_taken_is_gone_when_the_token_is(platform, shop, fresh):
    root, staff = shop.sign_in(ADMIN), fresh("alan@customer.example", "Alan")
    path = f"/identity/users/{staff.get('/identity/me')['customer_id']}/roles"
    assert staff.ask("GET", "/identity/audit").status_code == 403
    assert root.ask("PUT", path, {"roles": ["staff"]}).status_code == 200
    assert staff.ask("GET", "/identity/audit").status_code == 403
    pair = post(shop, "/identity/refresh", {"refresh_token": staff.refresh_token}).json()
    staff.token = pair["access_token"]
    assert staff.ask("GET", "/identity/audit").status_code == 200
    assert root.ask("PUT", path, {"roles": []}).status_code == 200
    renewed = post(shop, "/identity/refresh", {"refresh_token": pair["refresh_token"]}).json()
    assert Person(shop.client, renewed["access_token"]).ask("GET", "/identity/audit").status_code == 403
    platform.advance(10 * 60)
    assert staff.ask("GET", "/identity/audit").status_code == 401


def test_what_staff_did_in_any_domain_is_listed(shop):
    staff = shop.sign_in(ADMIN)
    me = staff.get("/identity/me")["customer_id"]
    shop.stock(staff, "audited", 3)
    shop.settle()
    entries = staff.get(f"/identity/audit?actor={me}&limit=100")["items"]
    did = {(entry["domain"], entry["action"]) for entry in entries}
    assert {("catalog", "ProductCreated"), ("inventory", "StockAdjusted"), ("identity", "SessionStarted")} <= did
    assert {entry["actor"] for entry in entries} == {me}
    times = [entry["at"] for entry in entries]
    assert times == sorted(times, reverse=True)


def test_a_guest_orders_and_reads_the_order_and_nobody_elses(shop):
    staff = shop.sign_in(ADMIN)
    shop.stock(staff, "for-guests", 3)
    shop.settle()
    session = post(shop, "/identity/guest", {"email": "guest@elsewhere.example", "name": "Guest"}).json()
    guest = Person(shop.client, session["access_token"], key="guest")
    order_id = guest.order("for-guests")["order_id"]
    shop.settle()
    assert guest.get(f"/orders/{order_id}")["status"] == "confirmed"
    other = post(shop, "/identity/guest", {"email": "guest@elsewhere.example", "name": "Guest"}).json()
    assert Person(shop.client, other["access_token"]).ask("GET", f"/orders/{order_id}").status_code == 404
    assert guest.ask("GET", "/identity/audit").status_code == 403


def test_who_is_erased_is_nobody_and_their_address_is_free(shop, fresh):
    ada = fresh("gone@customer.example")
    assert ada.ask("DELETE", "/identity/me").status_code == 202
    shop.settle()
    assert ada.ask("GET", "/identity/me").status_code == 404
    assert login(shop, "gone@customer.example").status_code == 401
    assert post(shop, "/identity/refresh", {"refresh_token": ada.refresh_token}).status_code == 401
    shop.join("gone@customer.example", "Somebody Else")
    again = shop.sign_in("gone@customer.example").get("/identity/me")
    assert again["name"] == "Somebody Else"


def test_registering_says_the_same_of_a_known_and_an_unknown_address(shop, fresh):
    fresh("known@customer.example")
    answers = [
        post(shop, "/identity/register", {"email": email, "password": PASSWORD, "name": "Eve"})
        for email in ("known@customer.example", "unknown@customer.example")
    ]
    shop.settle()
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, '{"status":"confirmation_sent"}')}
    forgotten = [
        post(shop, "/identity/password/forgot", {"email": email})
        for email in ("known@customer.example", "nobody@customer.example")
    ]
    assert len({(answer.status_code, answer.text) for answer in forgotten}) == 1


SIGNED_IN = [
    ("GET", "/identity/me"),
    ("PATCH", "/identity/me"),
    ("DELETE", "/identity/me"),
    ("POST", "/identity/password/change"),
    ("POST", "/identity/mfa"),
    ("POST", "/identity/mfa/confirm"),
    ("DELETE", "/identity/mfa"),
    ("GET", "/identity/sessions"),
    ("DELETE", "/identity/sessions/ses_0"),
    ("PUT", "/identity/users/cus_0/roles"),
    ("GET", "/identity/audit"),
]


@pytest.mark.parametrize(("method", "path"), SIGNED_IN)
def test_no_route_is_open_to_who_has_no_token_or_a_false_one(method, path, shop, root):
    assert shop.client.request(method, path, json={}).status_code == 401
    token = root.token
    head, body, signature = token.split(".")
    for false in ("nonsense", f"{head}.{body}.", f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}"):
        answer = Person(shop.client, false).ask(method, path, {})
        assert answer.status_code == 401, false
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture
def root(shop, staff):
    return shop.sign_in(ADMIN)


BAD_BODIES = [
    b"",
    b"{",
    b"[]",
    b'"text"',
    b"null",
    b'{"email": NaN}',
    b'{"email": "a", "email": "b"}',
    b'{"email": "\\ud800"}',
    b"[" * 5000,
    b'{"email": 1e999}',
    b"\xff\xfe",
    b'{"password": {"$ne": null}, "email": {"$gt": ""}}',
    b'{"email": "a@b.example", "password": "correct horse battery staple", "name": "A", "roles": ["admin"]}',
]
WITH_BODIES = [
    ("POST", "/identity/register"),
    ("POST", "/identity/confirm"),
    ("POST", "/identity/login"),
    ("POST", "/identity/guest"),
    ("POST", "/identity/refresh"),
    ("POST", "/identity/logout"),
    ("POST", "/identity/password/forgot"),
    ("POST", "/identity/password/reset"),
    ("POST", "/identity/password/change"),
    ("POST", "/identity/mfa/confirm"),
    ("DELETE", "/identity/mfa"),
    ("PATCH", "/identity/me"),
    ("PUT", "/identity/users/cus_0/roles"),
]


@pytest.mark.parametrize(("method", "path"), WITH_BODIES)
def test_no_body_breaks_a_route_and_none_of_these_does_anything(method, path, shop, root):
    headers = {"authorization": f"Bearer {root.token}", "content-type": "application/json", "if-match": "*"}
    before = root.get("/identity/me")
    for body in BAD_BODIES:
        answer = shop.client.request(method, path, content=body, headers=headers)
        assert answer.status_code in (400, 413, 422), (body, answer.status_code, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert root.get("/identity/me") == before


def test_the_promises_hold_after_all_that(shop):
    shop.settle()
    assert shop.promises_broken() == []
