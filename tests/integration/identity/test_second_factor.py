"""Codes by the clock, and codes for when the clock is lost."""

import pyotp
import pytest

from identity import bootstrap
from tests.integration.identity.conftest import NOW

STEP = 30_000  # milliseconds
MFA, CONFIRM = "/identity/mfa", "/identity/mfa/confirm"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Without the work of comparing passwords; that is tested elsewhere."""
    monkeypatch.setattr(
        bootstrap.passwords(), "match", lambda password, known: known is not None and "wrong" not in password
    )


@pytest.fixture
def ada(join, signed_in):
    join()
    return signed_in()


class Authenticator:
    """A phone with its secret and, on paper, the recovery codes."""

    def __init__(self, shown):
        self.secret, self.paper = shown["secret"], shown["recovery_codes"]

    def code(self, at=NOW):
        return pyotp.TOTP(self.secret).at(at // 1000)


@pytest.fixture
def begin(call, ada):
    def begin(**how):
        answer = call("POST", MFA, **ada, **how)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        return Authenticator(answer.body)

    return begin


@pytest.fixture
def phone(call, ada, begin):
    """Ada's, with the second factor on."""
    made = begin()
    assert call("POST", CONFIRM, **ada, body={"otp": made.code()}).status == 204
    return made


def test_it_is_on_when_a_first_code_has_proved_it(call, ada, login):
    shown = call("POST", MFA, **ada).body
    uri = pyotp.parse_uri(shown["otpauth_uri"])
    assert (uri.secret, uri.name, uri.issuer) == (shown["secret"], "ada@shop.example", "shop.example")
    assert len(set(shown["recovery_codes"])) == 10
    assert login().status == 200
    assert call("GET", "/identity/me", **ada).body["mfa_enabled"] is False
    answer = call("POST", CONFIRM, **ada, body={"otp": Authenticator(shown).code()})
    assert (answer.status, answer.body) == (204, None)
    assert call("GET", "/identity/me", **ada).body["mfa_enabled"] is True
    assert login().status == 401


def test_with_a_right_password_alone_a_code_is_asked_for_and_with_a_wrong_one_nothing_is_said(phone, login):
    asked, wrong = login(), login(password="wrong")
    assert (asked.status, asked.body["code"]) == (401, "otp_required")
    assert (wrong.status, wrong.body["code"]) == (401, "invalid_credentials")
    for otp in ("000000", phone.code(NOW + 10 * STEP), "", "x" * 65, "١٢٣٤٥٦", phone.paper[0][:-1]):
        refused = login(otp=otp)
        assert refused.status in (401, 422)
        assert refused.status == 422 or refused.text == wrong.text
    assert login(password="wrong", otp=phone.code(NOW + 2 * STEP)).text == wrong.text
    assert login(otp=phone.code(NOW + 2 * STEP), at=NOW + 2 * STEP).status == 200


def test_a_code_of_the_step_before_or_after_is_taken_and_none_further_away(phone, login):
    now = NOW + 100 * STEP
    for steps, status in ((-2, 401), (2, 401), (-1, 200), (0, 200), (1, 200)):
        assert login(otp=phone.code(now + steps * STEP), at=now).status == status, steps


def test_a_code_is_good_once_and_so_is_none_before_it(phone, login):
    assert login(otp=phone.code()).status == 401  # it has confirmed the factor
    later = NOW + STEP
    assert login(otp=phone.code(later), at=later).status == 200
    assert login(otp=phone.code(later), at=later).status == 401
    assert login(otp=phone.code(later), at=later + STEP).status == 401
    assert login(otp=phone.code(NOW), at=later).status == 401


@pytest.mark.parametrize("of", ["phone", "paper"])
def test_of_two_who_show_a_code_at_once_one_gets_in(of, phone, login, monkeypatch):
    later, factors = NOW + STEP, bootstrap.second_factors()
    code = phone.code(later) if of == "phone" else phone.paper[0]
    check, proofs = factors.check, []

    def both_check_first(*args):
        proofs.append(check(*args))
        if len(proofs) == 1:
            assert login(otp=code, at=later).status == 200
        return proofs[0]

    monkeypatch.setattr(factors, "check", both_check_first)
    assert login(otp=code, at=later).status == 401


def test_a_recovery_code_gets_in_once_however_it_is_typed(phone, login, events):
    first, second = phone.paper[:2]
    assert login(otp=first).status == 200
    assert login(otp=first).status == 401
    assert login(otp=second.upper().replace("-", " ")).status == 200
    assert [event["left"] for event in events() if event["type"] == "RecoveryCodeSpent"] == [9, 8]


def test_codes_cannot_be_guessed_even_by_who_has_the_password_and_asks_in_between(phone, login):
    for _ in range(10):
        assert login().body["code"] == "otp_required"
        assert login(otp="000000").status == 401
    refused = login(otp="000000")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    assert login().status == 429
    later = NOW + STEP
    assert login(otp=phone.code(later), at=later).status == 200


def test_it_is_turned_off_with_a_code_and_then_not_asked_for(call, ada, phone, login):
    later = NOW + STEP
    assert call("DELETE", MFA, **ada, body={"otp": "000000"}).body["errors"][0]["field"] == "otp"
    assert call("DELETE", MFA, **ada, body={"otp": phone.code()}).status == 422  # used
    assert call("DELETE", MFA, **ada).status == 422
    assert login().status == 401
    assert call("DELETE", MFA, **ada, body={"otp": phone.code(later)}, at=later).status == 204
    assert login(at=later).status == 200
    again = call("DELETE", MFA, **ada, body={"otp": phone.code(later)}, at=later)
    assert (again.status, again.body["code"]) == (409, "second_factor_off")


def test_it_can_be_turned_on_anew_with_another_secret_only(call, ada, phone, begin, login):
    assert call("POST", MFA, **ada).body["code"] == "second_factor_on"
    assert call("POST", CONFIRM, **ada, body={"otp": phone.code()}).status == 409
    assert call("DELETE", MFA, **ada, body={"otp": phone.paper[0]}).status == 204
    other = begin()
    assert call("POST", CONFIRM, **ada, body={"otp": phone.code()}).status == 422
    assert call("POST", CONFIRM, **ada, body={"otp": other.code()}).status == 204
    assert login(otp=phone.paper[1]).status == 401
    assert login(otp=other.paper[1]).status == 200


def test_a_second_secret_replaces_one_that_nobody_has_proved(call, ada, begin):
    assert call("POST", CONFIRM, **ada, body={"otp": "000000"}).body["code"] == "not_begun"
    first, second = begin(), begin()
    assert call("POST", CONFIRM, **ada, body={"otp": first.code()}).status == 422
    assert call("POST", CONFIRM, **ada, body={"otp": second.code()}).status == 204


def test_a_secret_that_was_not_proved_within_the_hour_is_none(call, ada, begin):
    late, phone = NOW + 3_600_000, begin()
    assert call("POST", CONFIRM, **ada, body={"otp": phone.code(late)}, at=late).body["code"] == "not_begun"


def test_a_first_code_cannot_be_guessed_either(call, ada, begin):
    begin()
    answers = [call("POST", CONFIRM, **ada, body={"otp": "000000"}) for _ in range(6)]
    assert [answer.status for answer in answers] == [422] * 5 + [429]


def test_nothing_in_a_table_makes_a_code(phone, ada, stored, dynamodb):
    text = stored()
    assert phone.secret not in text
    assert not [code for code in phone.paper if code in text or code.replace("-", "") in text]
    row = dynamodb.get_item(
        TableName="commerce-identity-state",
        Key={"pk": {"S": f"user#{ada['caller']}"}, "sk": {"S": "factor"}},
    )["Item"]
    row["pk"] = {"S": "user#cus_eve"}  # sealed for Ada: under another name it does not open
    dynamodb.put_item(TableName="commerce-identity-state", Item=row)
    with pytest.raises(bootstrap.kms().exceptions.InvalidCiphertextException):
        bootstrap.second_factors()._open("cus_eve", row["sealed"]["S"])


@pytest.mark.parametrize(
    "body", [None, {}, {"otp": 123456}, {"otp": ""}, {"otp": "1", "x": 1}, {"otp": None}, "[]", "nope"]
)
def test_a_bad_body_is_refused_and_changes_nothing(body, call, ada, phone, login):
    for method, route in (("POST", CONFIRM), ("DELETE", MFA)):
        assert call(method, route, **ada, body=body).status in (400, 422)
    assert login().body["code"] == "otp_required"


def test_it_is_for_who_is_signed_in_and_still_is(call, ada, begin, login):
    made = begin()
    token = login().body["refresh_token"]
    dead = {**ada, "sid": token.partition(".")[0]}
    assert call("POST", "/identity/logout", body={"refresh_token": token}).status == 204
    for method, route, body in (
        ("POST", MFA, None),
        ("POST", CONFIRM, {"otp": made.code()}),
        ("DELETE", MFA, {"otp": "1"}),
    ):
        assert call(method, route, body=body).status == 401
        refused = call(method, route, body=body, **dead)
        assert (refused.status, refused.body["code"]) == (401, "session_over")
