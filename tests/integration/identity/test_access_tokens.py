"""The gate, and what others need to be a gate of their own."""

import base64
import json
from datetime import UTC, datetime

import boto3
import jwt
import pytest

from identity import bootstrap
from identity.access_tokens import kid
from tests.integration.identity.conftest import KEYS, NOW


@pytest.fixture
def token():
    at = datetime.fromtimestamp(NOW / 1000, tz=UTC)
    return bootstrap.signer().sign(sub="cus_grace", sid="ses_1", roles=["admin"], jti="t1", at=at)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.fixture
def forge(token, claims):
    """The token with other words in it, signed by our own key."""

    def forge(header=None, **changes):
        own = {"alg": "RS256", "typ": "at+jwt", "kid": kid(bootstrap.settings().token_keys)} | (header or {})
        said = {name: value for name, value in (claims(token) | changes).items() if value is not None}
        signed = f"{part(own)}.{part(said)}"
        signature = boto3.client("kms").sign(
            KeyId=bootstrap.settings().token_keys,
            Message=signed.encode(),
            SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
        )["Signature"]
        return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"

    return forge


def test_a_good_token_says_who_they_are(token, gate_says, claims):
    said = claims(token)
    known = {"sub": said["sub"], "sid": said["sid"], "exp": str(said["exp"]), "roles": "admin"}
    assert gate_says(f"Bearer {token}") == gate_says(f"bearer {token}") == known


def test_a_token_expires_by_the_time_of_the_request(token, gate_says):
    assert "sub" in gate_says(f"Bearer {token}", at=NOW + 599_999)
    assert gate_says(f"Bearer {token}", at=NOW + 600_000) == {"anonymous": "expired"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Bearer a.b.c", "Basic YTpi"])
def test_what_is_no_token_is_invalid(header, gate_says):
    assert gate_says(header) == {"anonymous": "invalid"}


@pytest.mark.parametrize(
    ("header", "changes"),
    [
        pytest.param({"alg": "none"}, {}, id="no algorithm"),
        pytest.param({"alg": "HS256"}, {}, id="another algorithm"),
        pytest.param({"typ": "JWT"}, {}, id="another type"),
        pytest.param({"kid": "0"}, {}, id="another key"),
        pytest.param({"kid": ["0"]}, {}, id="a key of another kind"),
        pytest.param({}, {"iss": "https://evil.example"}, id="another issuer"),
        pytest.param({}, {"aud": "others"}, id="another audience"),
        pytest.param({}, {"exp": None}, id="no end"),
        pytest.param({}, {"exp": "9999999999"}, id="an end in words"),
        pytest.param({}, {"exp": True}, id="an end that is none"),
        pytest.param({}, {"sub": None}, id="nobody"),
        pytest.param({}, {"sub": 1}, id="a number for a name"),
        pytest.param({}, {"roles": None}, id="no roles"),
    ],
)
def test_even_with_our_signature_all_must_be_right(header, changes, forge, gate_says):
    assert "sub" in gate_says(f"Bearer {forge()}")
    assert gate_says(f"Bearer {forge(header, **changes)}") == {"anonymous": "invalid"}


def test_a_signature_of_anyone_else_is_invalid(token, claims, gate_says):
    headers = {"typ": "at+jwt", "kid": kid(bootstrap.settings().token_keys)}
    assert gate_says(f"Bearer {jwt.encode(claims(token), KEYS[1], 'RS256', headers)}") == {"anonymous": "invalid"}
    first, _, signature = token.split(".")
    more = part(claims(token) | {"sub": "cus_eve"})
    assert gate_says(f"Bearer {first}.{more}.{signature}") == {"anonymous": "invalid"}


def test_anyone_can_verify_a_token_with_what_is_published(token, call):
    configuration = call("GET", "/.well-known/openid-configuration").body
    assert configuration["issuer"] == "https://shop.example"
    assert configuration["jwks_uri"] == "https://shop.example/.well-known/jwks.json"
    [key] = jwt.PyJWKSet.from_dict(call("GET", "/.well-known/jwks.json").body).keys
    assert key.key_id == jwt.get_unverified_header(token)["kid"]
    options = {"verify_exp": False}
    said = jwt.decode(token, key, ["RS256"], options, audience="commerce", issuer=configuration["issuer"])
    assert said["roles"] == ["admin"]


def test_an_older_key_is_good_until_it_is_taken_away(token, gate_says, call, monkeypatch):
    old = bootstrap.settings().token_keys
    new = boto3.client("kms").create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    for keys, known in ((f"{new},{old}", {kid(new), kid(old)}), (new, {kid(new)})):
        monkeypatch.setenv("TOKEN_KEYS", keys)
        forget_keys()
        assert ("sub" in gate_says(f"Bearer {token}")) == (kid(old) in known)
        assert {key["kid"] for key in call("GET", "/.well-known/jwks.json").body["keys"]} == known


def forget_keys():
    from identity.authorizer import bootstrap as gate

    for made in (gate.verifier, bootstrap.settings, bootstrap.published_keys):
        made.cache_clear()
