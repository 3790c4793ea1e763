"""Two at once: the faster one comes between the slower one's look and its write."""

import pyotp

from identity import bootstrap
from tests.integration.identity.conftest import NOW


def test_a_session_that_ends_while_it_is_refreshed_has_ended(join, login, refresh, call, meanwhile):
    join()
    token = login().body["refresh_token"]

    def sign_out():
        assert call("POST", "/identity/logout", body={"refresh_token": token}).status == 204

    meanwhile(bootstrap.sessions(), "find", sign_out)
    assert refresh(token).status == 401


def test_a_code_proves_the_secret_that_it_was_made_of_and_no_other(join, signed_in, call, login, meanwhile):
    join()
    ada = signed_in()
    first = call("POST", "/identity/mfa", **ada).body["secret"]
    meanwhile(bootstrap.second_factors(), "prove", lambda: call("POST", "/identity/mfa", **ada))
    code = pyotp.TOTP(first).at(NOW // 1000)
    assert call("POST", "/identity/mfa/confirm", **ada, body={"otp": code}).body["code"] == "wrong_code"
    assert login().status == 200
