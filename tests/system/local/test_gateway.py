"""The HTTP API as the templates describe it."""

import base64

import pytest

SIGNED_IN = {"authorization": "ada"}


@pytest.fixture
def echo(bakery):
    """What the function was sent."""

    def echo(target="/echo", headers=None, **more):
        return bakery.request("GET", target, {**SIGNED_IN, **(headers or {})}, **more).json()

    return echo


def test_an_unknown_path_and_an_unknown_method_are_not_found(bakery):
    for method, path in (("GET", "/"), ("GET", "/loaves/a/b"), ("DELETE", "/loaves"), ("GET", "/loaves/")):
        answer = bakery.request(method, path)
        assert (answer.status, answer.json()) == (404, {"message": "Not Found"})


def test_the_event_has_the_form_of_payload_2_0(echo):
    headers = [("Authorization", "ada"), ("X-One", "1"), ("x-one", "2"), ("Cookie", "a=1; b=2")]
    event = echo("/echo?a=1&a=2&b=%20", dict(headers[:2]) | {"x-one": "2", "cookie": "a=1; b=2"})
    assert event["version"] == "2.0"
    assert (event["rawPath"], event["rawQueryString"]) == ("/echo", "a=1&a=2&b=%20")
    assert event["queryStringParameters"] == {"a": "1,2", "b": " "}
    assert event["headers"]["x-one"] == "1,2"
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["requestContext"]["timeEpoch"] == 1767603600000
    assert event["requestContext"]["http"]["method"] == "GET"
    assert event["requestContext"]["authorizer"] == {"lambda": {"who": "ada,ada"}}


def test_path_parameters_are_decoded(bakery):
    answer = bakery.request("POST", "/loaves", {"content-type": "application/json"}, '{"loaf": "a/ü"}'.encode())
    assert answer.status == 201
    assert bakery.request("GET", "/loaves/a%2F%C3%BC").json()["loaf"] == "a/ü"


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [("application/json", b"{}", False), ("application/json", b"\xff", True), ("image/png", b"{}", True)],
)
def test_what_is_not_text_comes_in_base64(content_type, body, encoded, echo):
    event = echo(headers={"content-type": content_type}, body=body)
    assert event["isBase64Encoded"] == encoded
    assert (base64.b64decode(event["body"]) if encoded else event["body"].encode()) == body


@pytest.mark.parametrize(
    ("token", "status", "said"), [(None, 401, "Unauthorized"), ("denied", 403, "Forbidden"), ("broken", 500, None)]
)
def test_who_is_not_let_in_is_told_by_the_gateway(token, status, said, bakery):
    answer = bakery.request("GET", "/echo", {"authorization": token} if token else {})
    assert (answer.status, answer.json()["message"]) == (status, said or "Internal Server Error")


def test_a_decision_of_the_authorizer_is_good_for_a_minute(bakery, echo):
    def asked():
        return [one.function for one in bakery.functions.invocations].count("Bakery-Authorizer")

    echo()
    echo()
    assert asked() == 1
    bakery.advance(61)
    echo()
    assert asked() == 2


def test_too_many_requests_are_refused_until_time_has_passed(bakery):
    answers = [bakery.request("GET", "/loaves/none").status for _ in range(21)]
    assert answers == [404] * 20 + [429]
    bakery.advance(0.5)
    assert [bakery.request("GET", "/loaves/none").status for _ in range(6)] == [404] * 5 + [429]


def test_what_is_too_large_is_refused(bakery):
    assert bakery.request("POST", "/loaves", {}, b"x" * (10 * 1024 * 1024 + 1)).status == 413
    assert bakery.request("POST", "/loaves", {"x-long": "x" * 10_240}).status == 431


def test_a_function_that_fails_is_an_internal_server_error(bakery):
    answer = bakery.request("POST", "/loaves", {}, b"no json")
    assert (answer.status, answer.json()) == (500, {"message": "Internal Server Error"})


def test_an_ordinary_client_and_the_routes_of_the_laptop(bakery):
    with bakery.client() as client:
        assert client.post("/loaves", json={"loaf": "l-1"}).status_code == 201
        assert client.post("/_local/settle").json() == {"settled": True}
        assert client.get("/loaves/l-1").json()["state"] == "baked"
        assert client.get("/_local/clock").json() == {"now": "2026-01-05T09:00:00.000Z"}
        assert client.post("/_local/clock/advance", json={"seconds": 60}).json() == {"now": "2026-01-05T09:01:00.000Z"}
        assert client.get("/_local/mailbox").json() == {"items": []}
        fault = {"service": "dynamodb", "operation": "PutItem", "kind": "crash_after", "times": 1}
        assert client.post("/_local/faults", json=fault).status_code == 201
        assert client.post("/loaves", json={"loaf": "l-2"}).status_code == 500
        assert client.post("/_local/faults", json=fault).status_code == 201
        assert client.delete("/_local/faults").status_code == 204
        assert client.post("/loaves", json={"loaf": "l-3"}).status_code == 201


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("faults", b"{", 400),
        ("faults", b"{}", 422),
        ("faults", b'{"service": "dynamodb", "kind": "surprise", "times": 1}', 422),
        ("clock/advance", b'{"seconds": -1}', 422),
        ("clock/advance", b'{"seconds": NaN}', 422),
        ("settle", b'{"timeout": 1}', 422),
        ("elsewhere", b"", 404),
    ],
)
def test_what_the_laptop_is_asked_wrongly_is_a_problem_document(path, body, status, bakery):
    with bakery.client() as client:
        answer = client.post(f"/_local/{path}", content=body)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
