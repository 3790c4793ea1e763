"""Whatever is wrong with a request, the answer says so, and nothing has changed."""

import boto3
import pytest

CARD = "4242424242424242"
REFUND = "/payments/{payment_id}/refunds"
GOOD = {"amount": {"amount": 500, "currency": "EUR"}, "reason": "broken"}


@pytest.fixture
def everything():
    """All that is stored."""
    tables = [f"commerce-payment-{kind}" for kind in ("events", "state")]
    return lambda: [boto3.client("dynamodb").scan(TableName=table)["Items"] for table in tables]


@pytest.fixture
def refused(authorize, step, call, everything, sandbox):
    """Ask for what cannot be, of a payment that was captured, and see that nothing has changed."""
    authorize()
    step("CapturePayment")

    def refused(method, route, **how):
        how = {"caller": "cus_eve", "roles": "staff", **how}
        before, moved = everything(), list(sandbox.log)
        answer = call(method, route, **how)
        assert (everything(), sandbox.log) == (before, moved)
        assert answer.headers["content-type" if "content-type" in answer.headers else "Content-Type"]
        assert CARD not in answer.text
        return answer.status, answer.body["code"], [wrong["field"] for wrong in answer.body.get("errors", [])]

    return refused


def money(**changes):
    return {**GOOD, "amount": {**GOOD["amount"], **changes}}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param("{", (400, "malformed", []), id="half a body"),
        pytest.param('{"amount": NaN}', (400, "malformed", []), id="not a number"),
        pytest.param('{"reason": "a", "reason": "b"}', (400, "malformed", []), id="a key twice"),
        pytest.param('{"reason": "\\ud800"}', (400, "malformed", []), id="half a character"),
        pytest.param(money(amount=0), (422, "invalid_request", ["amount.amount"]), id="nothing"),
        pytest.param(money(amount=-1), (422, "invalid_request", ["amount.amount"]), id="less than nothing"),
        pytest.param(money(amount=1.5), (422, "invalid_request", ["amount.amount"]), id="half a cent"),
        pytest.param(money(amount="500"), (422, "invalid_request", ["amount.amount"]), id="a text"),
        pytest.param(money(amount=True), (422, "invalid_request", ["amount.amount"]), id="a truth"),
        pytest.param(money(amount=10**13), (422, "invalid_request", ["amount.amount"]), id="absurd"),
        pytest.param(money(currency="eur"), (422, "invalid_request", ["amount.currency"]), id="no code"),
        pytest.param(money(currency="XXX"), (422, "invalid_request", ["amount.currency"]), id="no currency"),
        pytest.param(money(currency="USD"), (422, "invalid", ["amount.currency"]), id="another currency"),
        pytest.param(money(fee=1), (422, "invalid_request", ["amount.fee"]), id="an unknown field within"),
        pytest.param({**GOOD, "status": "succeeded"}, (422, "invalid_request", ["status"]), id="an unknown field"),
        pytest.param({"amount": GOOD["amount"]}, (422, "invalid_request", ["reason"]), id="no reason"),
        pytest.param({**GOOD, "reason": " "}, (422, "invalid_request", ["reason"]), id="an empty reason"),
        pytest.param({**GOOD, "reason": "a\x00b"}, (422, "invalid_request", ["reason"]), id="a control character"),
        pytest.param({**GOOD, "reason": "x" * 201}, (422, "invalid_request", ["reason"]), id="a long reason"),
        pytest.param([GOOD], (400, "malformed", []), id="a list"),
        pytest.param({**GOOD, "reason": f"card {CARD}"}, (422, "card_number_refused", ["reason"]), id="a card"),
        pytest.param(
            {**GOOD, "reason": "4242 4242-4242 4242"}, (422, "card_number_refused", ["reason"]), id="a card, spaced"
        ),
        pytest.param(
            {**GOOD, "reason": f"pm_{CARD}"}, (422, "card_number_refused", ["reason"]), id="a card as a token"
        ),
        pytest.param({**GOOD, CARD: "x"}, (422, "card_number_refused", [""]), id="a card as a name"),
        pytest.param(money(amount=int(CARD)), (422, "card_number_refused", ["amount.amount"]), id="a card as a number"),
        pytest.param(money(amount=2000), (409, "refund_exceeds_captured", []), id="more than was captured"),
    ],
)
def test_a_refund_that_is_wrong(body, answer, refused):
    status, code, fields = refused("POST", REFUND, body=body, key="k")
    assert (status, code, fields) == answer


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        (None, (400, "idempotency_key_required", [])),
        ("", (400, "idempotency_key_required", [])),
        ("x" * 256, (400, "idempotency_key_required", [])),
        ("\x07", (400, "idempotency_key_required", [])),
        (CARD, (422, "card_number_refused", ["idempotency-key"])),
    ],
)
def test_a_key_that_is_wrong(key, answer, refused):
    assert refused("POST", REFUND, body=GOOD, key=key) == answer


@pytest.mark.parametrize(
    ("method", "route", "how"),
    [
        ("GET", "/payments/{payment_id}", {}),
        ("GET", REFUND, {}),
        ("POST", REFUND, {"body": GOOD, "key": "k"}),
    ],
)
@pytest.mark.parametrize("payment_id", ["pay_none", "ord_1", "pay_1#2"])
def test_what_does_not_exist(method, route, how, payment_id, refused):
    assert refused(method, route, payment_id=payment_id, **how) == (404, "not_found", [])


def test_what_is_someone_elses_does_not_exist_either(refused):
    assert refused("GET", "/payments/{payment_id}", caller="cus_bob", roles="") == (404, "not_found", [])


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("GET", REFUND),
        ("POST", REFUND),
        ("GET", "/payments/ledger"),
        ("GET", "/payments/reconciliation"),
    ],
)
def test_who_may_not_is_told_so_before_the_body_is_read(method, route, refused):
    how = {"body": "{", "key": "k"} if method == "POST" else {}
    assert refused(method, route, roles="", **how) == (403, "forbidden", [])
    assert refused(method, route, caller=None, **how) == (401, "unauthenticated", [])


@pytest.mark.parametrize(
    ("route", "query"),
    [(REFUND, {}), ("/payments/ledger", {}), ("/payments", {"order_id": "ord_1"})],
)
def test_a_page_that_is_wrong(route, query, refused):
    for limit in ("0", "101", "-1", "x", "1.5"):
        assert refused("GET", route, query={**query, "limit": limit}) == (422, "invalid_request", ["limit"])
    for cursor in ("x", "", "AAAA", "é"):
        assert refused("GET", route, query={**query, "cursor": cursor})[:2] == (400, "invalid_cursor")


def test_a_cursor_is_good_for_its_caller_and_its_list(refused, call, step):
    for number in range(2):
        money = {"amount": 100, "currency": "EUR"}
        step("RefundPayment", refund_id=f"ref_{number}", amount=money, reason="broken")
    page = call("GET", REFUND, caller="cus_eve", roles="staff", query={"limit": "1"})
    query = {"limit": "1", "cursor": page.body["next_cursor"]}
    assert call("GET", REFUND, caller="cus_eve", roles="staff", query=query).body["items"][0]["refund_id"] == "ref_1"
    assert refused("GET", REFUND, caller="cus_max", query=query)[:2] == (400, "invalid_cursor")
    assert refused("GET", "/payments/ledger", query=query)[:2] == (400, "invalid_cursor")
