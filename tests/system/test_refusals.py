"""Each route says what is wrong with a request, by field or by a stable code, and changes nothing.

Who may not ask at all, and what is no JSON, is test_attack.py's.
"""

from collections import Counter

import pytest

from tests.system.kept import rows

READ_LATER = "/catalog/imports"  # a file, whose bad lines are reported
THE_CARRIERS = "/shipping/webhooks/easypost"
THE_PROVIDERS = "/payments/webhooks/stripe"
MORE = {"items": [{"sku": "mug", "quantity": 3}]}
TWO = {"items": [{"sku": "mug", "quantity": 2}]}
WHY = {"reason": "a test"}
FORTUNE = {"amount": {"amount": 1_000_000, "currency": "EUR"}, **WHY}


@pytest.fixture(scope="module")
def orders(shop, staff, ada):
    """One order in each state."""
    shop.stock(staff, "mug", 100)
    shop.settle()

    def order(method="pm_card_visa"):
        order_id = ada.order("mug", 2, method)["order_id"]
        shop.settle()
        return order_id

    def sent(status=None):
        order_id = order()
        parcel = shop.dispatch(staff, order_id)
        shop.settle()
        if status:
            shop.carrier_says(parcel["tracking_number"], status)
            shop.settle()
        return order_id

    made = {
        "confirmed": order(),
        "rejected": order("pm_card_chargeDeclined"),
        "awaiting_payment": order("pm_card_threeDSecure2Required"),
        "cancelled": order(),
        "shipped": sent(),
        "delivered": sent("delivered"),
        "returned": sent("delivered"),
    }
    ada.post(f"/orders/{made['cancelled']}/cancel")
    back = ada.post(f"/orders/{made['returned']}/returns", {**TWO, **WHY})["return_id"]
    for step in ("approve", "receive"):
        staff.post(f"/orders/{made['returned']}/returns/{back}/{step}")
        shop.settle()
    for status, order_id in made.items():
        assert staff.get(f"/orders/{order_id}")["status"] == status
    return made


@pytest.fixture(autouse=True)
def unchanged(platform, shop, orders):
    """Nothing was changed by any request of a test, nor by what might follow from it."""
    before = Counter(rows(platform))
    yield
    shop.settle()
    assert (Counter(rows(platform)) - before, before - Counter(rows(platform))) == (Counter(), Counter())


def wrong_fields(document, schema, path=()):
    """Of a body: each field's path, with a body in which that field alone is given, and wrongly."""
    schema = resolved(document, schema)
    for name, field in schema.get("properties", {}).items():
        kinds = [resolved(document, kind) for kind in field.get("anyOf", [field])]
        types = {kind.get("type") for kind in kinds}
        wrong = 1.5 if "object" in types and "string" in types else "\u0000" if "object" in types else {"not": "this"}
        yield (*path, name), {name: wrong}
        for kind in kinds if len(types - {"null"}) == 1 else ():  # else nobody can say which of its forms was meant
            for inner, body in wrong_fields(document, kind, (*path, name)):
                yield inner, {name: body}
            for inner, body in wrong_fields(document, kind.get("items", {}), (*path, name, "0")):
                yield inner, {name: [body]}


def resolved(document, schema):
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def test_a_wrong_a_missing_and_an_unknown_field_are_named(shop, staff):
    document, tried = shop.client.get("/openapi.json").json(), 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            if path in (READ_LATER, THE_CARRIERS, THE_PROVIDERS) or "application/json" not in content:
                continue
            schema = resolved(document, content["application/json"]["schema"])
            bodies = [(".".join(fields), body) for fields, body in wrong_fields(document, schema)]
            bodies += [(name, {}) for name in schema.get("required", [])] + [("surprise", {"surprise": 1})]
            for field, body in bodies:
                answer = staff.ask(method.upper(), path.replace("{", "").replace("}", ""), body, if_match='"1"')
                said = (method, path, body, answer.status_code, answer.text)
                assert answer.status_code == 422, said
                assert any(error["field"].startswith(field) for error in answer.json().get("errors", [])), said
                tried += 1
    assert tried > 150


WRONG_TRANSITIONS = [
    ("rejected", "cancel", "not_cancellable"),
    ("shipped", "cancel", "not_cancellable"),
    ("delivered", "cancel", "not_cancellable"),
    ("returned", "cancel", "not_cancellable"),
    *((status, "retry", "nothing_to_retry") for status in ("confirmed", "rejected", "cancelled", "shipped")),
    ("rejected", "compensate", "nothing_to_retry"),
    *((status, "compensate", "not_compensable") for status in ("shipped", "delivered", "returned")),
    *((status, "close", "not_settleable") for status in ("confirmed", "awaiting_payment", "cancelled", "delivered")),
    *((status, "returns", "not_returnable") for status in ("confirmed", "rejected", "cancelled", "shipped")),
    *((status, "refund", "refund_exceeds_captured") for status in ("confirmed", "rejected", "cancelled", "delivered")),
    ("returned", "approve", "return_not_open"),
    ("returned", "reject", "return_not_open"),
    ("cancelled", "dispatch", "shipment_not_dispatchable"),
    ("cancelled", "split", "shipment_not_splittable"),
    ("shipped", "split", "shipment_already_dispatched"),
    ("delivered", "split", "shipment_already_dispatched"),
]


@pytest.mark.parametrize(("status", "step", "code"), WRONG_TRANSITIONS)
def test_a_wrong_transition_is_a_409_with_a_stable_code(staff, ada, orders, status, step, code):
    order_id = orders[status]

    def only(what):
        [one] = staff.get(f"/{what}?order_id={order_id}")["items"]
        return one[f"{what[:-1]}_id"]

    def of_return():
        [one] = ada.get(f"/orders/{order_id}")["returns"]
        return f"/orders/{order_id}/returns/{one['return_id']}/{step}"

    match step:
        case "cancel":
            answer = ada.ask("POST", f"/orders/{order_id}/cancel", {})
        case "returns":
            answer = ada.ask("POST", f"/orders/{order_id}/returns", {**TWO, **WHY})
        case "retry" | "compensate" | "close":
            answer = staff.ask("POST", f"/orders/{order_id}/{step}", WHY)
        case "approve" | "reject":
            answer = staff.ask("POST", of_return(), {})
        case "refund":
            answer = staff.ask("POST", f"/payments/{only('payments')}/refunds", FORTUNE)
        case "dispatch" | "split":
            body = TWO if step == "split" else {}
            answer = staff.ask("POST", f"/shipments/{only('shipments')}/{step}", body)
    assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "expected"),
    [
        ("ada", "POST", "/orders/{delivered}/returns", {**MORE, **WHY}, (422, "more_than_bought")),
        ("ada", "POST", "/orders/{returned}/returns", {**TWO, **WHY}, (422, "more_than_bought")),
        ("staff", "POST", "/orders/{delivered}/returns/nothing/approve", {}, (404, "not_found")),
        ("staff", "POST", "/orders/{delivered}/returns/nothing/receive", {}, (404, "not_found")),
        ("staff", "POST", "/payments/nothing/refunds", FORTUNE, (404, "not_found")),
        ("staff", "POST", "/shipments/nothing/dispatch", {}, (404, "not_found")),
        (
            "staff",
            "POST",
            "/inventory/stock/mug/adjustments",
            {"warehouse_id": "main", "delta": -1_000, **WHY},
            (409, "insufficient_stock"),
        ),
        ("staff", "PUT", "/inventory/stock/never-seen/hot", {}, (404, "not_found")),
        (
            "staff",
            "POST",
            "/catalog/products",
            {"sku": "mug", "name": "Another mug", "price": {"amount": 1, "currency": "EUR"}},
            (409, "sku_taken"),
        ),
    ],
)
def test_what_cannot_be_done_to_what_is_there(request, orders, who, method, path, body, expected):
    answer = request.getfixturevalue(who).ask(method, path.format(**orders), body)
    assert (answer.status_code, answer.json()["code"]) == expected


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"stripe-signature": "", "x-hmac-signature": ""},
        {"stripe-signature": "t=1,v1=00", "x-hmac-signature": "hmac-sha256-hex=00"},
        {"stripe-signature": "v1=\u00e9,t=x", "x-hmac-signature": "hmac-sha256-hex=\u00e9"},
    ],
)
@pytest.mark.parametrize("path", [THE_PROVIDERS, THE_CARRIERS])
def test_a_webhook_with_a_false_signature_is_refused(shop, path, headers):
    known = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = shop.client.post(path, content=b'{"id": "evt_1"}', headers=known)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
