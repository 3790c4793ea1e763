"""Coupons through their front door."""

import pytest

from catalog import bootstrap

COUPONS, COUPON = "/catalog/coupons", "/catalog/coupons/{code}"
TEN = {"code": "ten", "kind": "percent", "value": 10}
FIVE_EURO = {"code": "FIVE", "kind": "fixed", "value": {"amount": 500, "currency": "EUR"}}


@pytest.fixture
def make(call):
    def make(body, key="k", **how):
        return call("POST", COUPONS, body=body, key=key, **how)

    return make


def test_a_coupon_is_made_and_can_be_read_by_its_code_in_any_case(make, http, call, outgoing):
    made = make(TEN | {"max_uses": 5, "starts_at": "2024-05-01T02:00:00+02:00", "ends_at": "2024-06-01T00:00:00Z"})
    assert (made.status, made.body["code"], made.body["value"]) == (201, "TEN", 10)
    assert (made.body["starts_at"], made.headers["Location"]) == ("2024-05-01T00:00:00Z", "/catalog/coupons/TEN")
    for code in ("TEN", "ten"):
        assert call("GET", COUPON.replace("{code}", code), route=COUPON).body == made.body
    [told] = outgoing()
    assert (told["type"], told["subject"], told["actor"]) == ("CouponCreated", "coupon_TEN", "cus_staff")
    assert told["data"]["coupon"] == made.body


def test_money_off_is_money_and_minor_units_are_taken_with_a_currency(make):
    assert make(FIVE_EURO).body["value"] == FIVE_EURO["value"]
    short = make(FIVE_EURO | {"code": "F2", "value": 500, "currency": "EUR"}, key="k2")
    assert (short.body["value"], short.body["currency"]) == (FIVE_EURO["value"], "EUR")


def test_a_code_is_taken_once(make):
    assert make(TEN).status == 201
    again = make(TEN, key="other")
    assert (again.status, again.body["code"]) == (409, "code_taken")
    assert make(TEN | {"code": "Ten"}, key="third").status == 409


def test_the_same_request_has_one_effect_and_one_answer(make, outgoing):
    first, again = make(TEN), make(TEN)
    assert (again.status, again.text, again.headers["Idempotent-Replayed"]) == (201, first.text, "true")
    reused = make(FIVE_EURO)
    assert (reused.status, reused.body["code"]) == (422, "idempotency_key_reused")
    assert len(outgoing()) == 1


def test_whoever_loses_to_a_twin_answers_as_the_twin_did(make, monkeypatch):
    """The twin commits between our look at the records and our own commit."""
    records, twin = bootstrap.records(), []

    class Overtaken(type(records)):
        def find(self, request):
            if not twin:
                twin.append("on its way")
                twin[:] = [make(TEN)]
                return None
            return super().find(request)

    monkeypatch.setattr(records, "__class__", Overtaken)
    late = make(TEN)
    assert (late.status, late.text, late.headers.get("Idempotent-Replayed")) == (201, twin[0].text, "true")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": "x" * 65}, "code"),
        ({"code": "ten percent"}, "code"),
        ({"code": "ZEHN\u00c4"}, "code"),
        ({"code": "TEN\n"}, "code"),
        ({"kind": "gift"}, "kind"),
        ({"value": 0}, "value"),
        ({"value": 101}, "value"),
        ({"value": 1.5}, "value"),
        ({"value": True}, "value"),
        ({"value": "10"}, "value"),
        ({"value": 10**400}, "value"),
        ({"value": FIVE_EURO["value"]}, "value"),
        ({"kind": "fixed"}, "value"),
        ({"kind": "fixed", "value": {"amount": 0, "currency": "EUR"}}, "value"),
        ({"kind": "fixed", "value": {"amount": 1.5, "currency": "EUR"}}, "value"),
        ({"kind": "fixed", "value": FIVE_EURO["value"], "currency": "USD"}, "value"),
        ({"currency": "euro"}, "currency"),
        ({"currency": "USD", "min_subtotal": FIVE_EURO["value"]}, "min_subtotal"),
        ({"min_subtotal": 500}, "min_subtotal"),
        ({"starts_at": 0}, "starts_at"),
        ({"starts_at": "2024-05-01T00:00:00"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
        ({"ends_at": "9999-12-31T23:59:59-14:00"}, "ends_at"),
        ({"starts_at": "2024-05-01T00:00:00Z", "ends_at": "2024-05-01T00:00:00Z"}, "ends_at"),
        ({"max_uses": 0}, "max_uses"),
        ({"max_uses": True}, "max_uses"),
        ({"max_uses_per_customer": -1}, "max_uses_per_customer"),
        ({"max_uses_per_customer": 10**10}, "max_uses_per_customer"),
        ({"uses": 0}, "uses"),
    ],
)
def test_a_wrong_field_is_named_and_the_key_is_not_burnt(make, outgoing, change, field):
    answer = make(TEN | change)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)
    assert outgoing() == []
    assert make(TEN).status == 201


def test_coupons_are_for_staff(make, call):
    assert make(TEN, roles="").status == 403
    assert make(TEN, caller=None).status == 401
    assert call("GET", COUPONS, roles="").status == 403
    assert make(TEN, key=None).body["code"] == "idempotency_key_required"


def test_they_are_listed_by_code_a_page_at_a_time(make, call):
    for code in ("C", "A", "B"):
        assert make(TEN | {"code": code}, key=code).status == 201
    first = call("GET", COUPONS, query={"limit": "2"}).body
    rest = call("GET", COUPONS, query={"limit": "2", "cursor": first["next_cursor"]}).body
    assert [c["code"] for c in first["items"] + rest["items"]] == ["A", "B", "C"]
    assert rest["next_cursor"] is None
    assert call("GET", COUPONS, query={"cursor": "x"}).status == 400


def test_a_code_that_is_none_is_not_found(call):
    assert call("GET", "/catalog/coupons/NONE", route=COUPON).status == 404
