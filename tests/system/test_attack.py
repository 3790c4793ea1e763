"""Every route of the document, asked by those who may not, and fed what nobody should send.

No answer is a 5xx, each is a problem document or the gateway's own few words, and nothing changes.
"""

import base64
import hashlib
import hmac
import json

import pytest

from local.shop import Person

DEEP = '{"a":' * 5_000 + "1" + "}" * 5_000
HOSTILE = {
    "not JSON": b"{",
    "nothing but a word": b"NaN",
    "a number that is none": b'{"a": NaN}',
    "a number without end": b'{"a": 1e400}',
    "5,000 digits": b'{"a": ' + b"1" * 5_000 + b"}",
    "a key twice": b'{"a": 1, "a": 2}',
    "half a surrogate pair": b'{"a": "\\ud800"}',
    "too deep": DEEP.encode(),
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "a list": b"[]",
    "null": b"null",
    "an unknown field": b'{"is_admin": true, "customer_id": "cus_x", "price": 1, "status": "paid"}',
    "a card": b'{"reason": "4242 4242 4242 4242"}',
    "more than is read": b'{"a": "' + b"x" * 7_000_000 + b'"}',
}
A_FILE = "/catalog/imports"  # whose lines are read later, and bad ones reported
LIMITS = ["0", "101", "-1", "a", "1e1", "NaN", "9" * 400, "1.5", "%00", ""]
OWNED = {
    "/orders/{order_id}": "order_id",
    "/payments/{payment_id}": "payment_id",
    "/shipments/{shipment_id}": "shipment_id",
    "/shipments/{id}": "shipment_id",
}
CURSORS = ["x", "AAAA", "%00", "../..", "e30", "A" * 5_000]


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.fixture(scope="module")
def routes(shop):
    """Method, path with nothing in its ids' places, and who may: [] for everyone."""
    document = shop.client.get("/openapi.json").json()
    return [
        (method.upper(), path, [scope for one in operation["security"] for scope in one.get("bearer", [])])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def nobodys(path):
    return path.replace("{", "").replace("}", "")


def problem(answer):
    return answer.headers["content-type"] == "application/problem+json" and answer.json()["code"]


def forgeries(shop, token):
    """Tokens that are nearly right (RFC 8725, 2)."""
    header, claims, signature = token.split(".")
    known = json.loads(base64.urlsafe_b64decode(header + "=="))
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    jwks = shop.client.get("/.well-known/jwks.json").text
    mine = {**said, "roles": ["admin"]}
    hs256 = f"{encoded({**known, 'alg': 'HS256'})}.{encoded(mine)}"
    mac = base64.urlsafe_b64encode(hmac.digest(jwks.encode(), hs256.encode(), hashlib.sha256)).decode().rstrip("=")
    return {
        "nonsense": "nonsense",
        "no algorithm": f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded(mine)}.",
        "the public key as a secret": f"{hs256}.{mac}",
        "other claims": f"{header}.{encoded(mine)}.{signature}",
        "another key's id": f"{encoded({**known, 'kid': 'mine'})}.{claims}.{signature}",
        "keys from elsewhere": f"{encoded({**known, 'jku': 'https://evil.example/jwks.json'})}.{claims}.{signature}",
        "no signature": f"{header}.{claims}.",
        "a lot": "a" * 9_000,
    }


def test_nobody_comes_in_without_a_token_or_with_a_false_one(shop, staff, routes):
    false = forgeries(shop, staff.token)
    for method, path, who in routes:
        if who:
            assert shop.client.request(method, nobodys(path)).status_code == 401, (method, path)
    for name, token in false.items():
        for method, path, who in routes if name == "nonsense" else [("GET", "/orders", ["customer"])]:
            if who:
                answer = Person(shop.client, token).ask(method, nobodys(path))
                assert answer.status_code in (401, 431), (name, method, path)
                assert name == "a lot" or problem(answer) == "unauthenticated", (name, method, path)


def test_a_refresh_token_is_no_access_token(shop, ada):
    session = shop.client.post(
        "/identity/login", json={"email": "ada@customer.example", "password": "correct horse battery staple"}
    ).json()
    assert Person(shop.client, session["refresh_token"]).ask("GET", "/orders").status_code == 401


def test_customers_may_not_do_what_staff_may(ada, routes):
    for method, path, who in routes:
        if "customer" not in who and who:
            answer = ada.ask(method, nobodys(path), {} if method in ("POST", "PUT", "PATCH") else None)
            assert (answer.status_code, problem(answer)) == (403, "forbidden"), (method, path)


def test_staff_may_not_do_what_admins_may(shop, staff, routes):
    shop.join("clerk@commerce.example", "Bo")
    clerk = shop.sign_in("clerk@commerce.example")
    who_am_i = clerk.get("/identity/me")["customer_id"]
    assert staff.ask("PUT", f"/identity/users/{who_am_i}/roles", {"roles": ["staff"]}).status_code == 200
    clerk = shop.sign_in("clerk@commerce.example")
    assert clerk.ask("GET", "/payments/ledger").status_code == 200
    for method, path, who in routes:
        if who == ["admin"]:
            assert clerk.ask(method, nobodys(path), {}).status_code == 403, (method, path)


def test_what_is_someone_elses_answers_as_what_does_not_exist(shop, staff, ada, routes):
    shop.stock(staff, "mug", 10)
    shop.settle()
    order_id = ada.order("mug", 2)["order_id"]
    shop.settle()
    [payment], [shipment] = (ada.get(f"/{what}?order_id={order_id}")["items"] for what in ("payments", "shipments"))
    known = {"order_id": order_id, "payment_id": payment["payment_id"], "shipment_id": shipment["shipment_id"]}
    bob = shop.join("bob@customer.example", "Bob")
    tried = 0
    for method, path, who in routes:
        name = OWNED.get(path.partition("}")[0] + "}")
        if not name or "customer" not in who:
            continue
        parameter = path[path.index("{") + 1 : path.index("}")]
        body = hostage(path) if method == "POST" else None
        theirs, nothing = (
            bob.ask(method, nobodys(path.replace("{" + parameter + "}", id)), body) for id in (known[name], "nothing")
        )
        assert theirs.status_code == nothing.status_code == 404, (method, path)
        assert anonymous(theirs) == anonymous(nothing), (method, path)
        tried += 1
    assert tried >= 6
    for what in ("payments", "shipments", "orders"):
        assert bob.get(f"/{what}?order_id={order_id}" if what != "orders" else "/orders")["items"] == []
    assert bob.get(f"/orders?customer_id={ada.get('/identity/me')['customer_id']}")["items"] == []


def hostage(path):
    """A body that would be right, if it were theirs."""
    if path.endswith("/returns"):
        return {"items": [{"sku": "mug", "quantity": 1}], "reason": "mine now"}
    return {}


def anonymous(answer):
    return {**answer.json(), "instance": "", "trace_id": ""}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_body_breaks_a_route_and_none_of_them_is_taken(shop, staff, routes, name):
    headers = {"authorization": f"Bearer {staff.token}", "content-type": "application/json", "if-match": '"1"'}
    for method, path, _ in routes:
        if method not in ("POST", "PUT", "PATCH") or path.startswith("/identity/mfa") or path == A_FILE:
            continue
        key = {"idempotency-key": f"{name} {path}"}
        answer = shop.client.request(method, nobodys(path), content=HOSTILE[name], headers={**headers, **key})
        assert 400 <= answer.status_code < 500, (method, path, answer.status_code, answer.text[:300])
        assert answer.status_code == 413 or problem(answer), (method, path)


def test_no_limit_and_no_cursor_of_ones_own_is_taken(shop, staff):
    paths = shop.client.get("/openapi.json").json()["paths"]
    lists = {
        path: {parameter["name"] for parameter in operations["get"]["parameters"]}
        for path, operations in paths.items()
        if "get" in operations and "{" not in path
    }
    assert sum("cursor" in taken for taken in lists.values()) >= 5
    for path, taken in lists.items():
        wrong = [f"limit={limit}" for limit in LIMITS if "limit" in taken]
        wrong += [f"cursor={cursor}" for cursor in CURSORS if "cursor" in taken]
        for query in wrong:
            answer = staff.ask("GET", f"{path}?{query}")
            assert answer.status_code in (400, 422), (path, query[:30], answer.status_code)


@pytest.mark.parametrize(
    "target", ["/orders/%00", "/orders/%ff%fe", "/orders/" + "a" * 2_000, "/orders/..%2f..", "//orders"]
)
def test_no_path_breaks_anything(staff, target):
    assert 400 <= staff.ask("GET", target).status_code < 500
