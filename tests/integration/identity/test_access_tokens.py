"""The gate, and what others need to be a gate of their own."""

import base64
import hmac
import json
from datetime import UTC, datetime

import boto3
import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity import bootstrap, key_ring
from identity.authorizer import bootstrap as gate
from identity.key_ring import kid
from local.cli.keys import SIGNS_AFTER, TooSoon, rotate
from tests.integration.identity.conftest import KEYS, NOW, TOKEN_KEYS


@pytest.fixture
def token():
    at = datetime.fromtimestamp(NOW / 1000, tz=UTC)
    return bootstrap.signer().sign(sub="cus_grace", sid="ses_1", roles=["admin"], jti="t1", at=at)


def signing_kid():
    return kid(boto3.client("kms").describe_key(KeyId=TOKEN_KEYS)["KeyMetadata"]["KeyId"])


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.fixture
def forge(token, claims):
    """The token with other words in it, signed by our own key."""

    def forge(header=None, **changes):
        own = {"alg": "RS256", "typ": "at+jwt", "kid": signing_kid()} | (header or {})
        said = {name: value for name, value in (claims(token) | changes).items() if value is not None}
        signed = f"{part(own)}.{part(said)}"
        signature = boto3.client("kms").sign(
            KeyId=TOKEN_KEYS,
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
        pytest.param({"kid": "../../dev/null"}, {}, id="a path for a key"),
        pytest.param({"jku": "https://evil.example/jwks.json"}, {}, id="a place to find keys at"),
        pytest.param({"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}, {}, id="a key brought along"),
        pytest.param({"x5u": "https://evil.example/chain"}, {}, id="a certificate from elsewhere"),
        pytest.param({"crit": ["exp"], "exp": 1}, {}, id="something critical that nobody knows"),
        pytest.param({}, {"iss": "https://evil.example"}, id="another issuer"),
        pytest.param({}, {"iss": None}, id="no issuer"),
        pytest.param({}, {"aud": "others"}, id="another audience"),
        pytest.param({}, {"aud": None}, id="no audience"),
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
    headers = {"typ": "at+jwt", "kid": signing_kid()}
    assert gate_says(f"Bearer {jwt.encode(claims(token), KEYS[1], 'RS256', headers)}") == {"anonymous": "invalid"}
    first, _, signature = token.split(".")
    more = part(claims(token) | {"sub": "cus_eve"})
    assert gate_says(f"Bearer {first}.{more}.{signature}") == {"anonymous": "invalid"}


def test_a_token_without_a_signature_is_invalid(token, claims, gate_says):
    for alg in ("none", "None", "nOnE"):
        header = part({"alg": alg, "typ": "at+jwt", "kid": signing_kid()})
        for signature in ("", token.rpartition(".")[2]):
            assert gate_says(f"Bearer {header}.{part(claims(token))}.{signature}") == {"anonymous": "invalid"}


def test_our_public_key_is_no_secret_to_sign_with(token, claims, gate_says):
    """RFC 8725, 2.1: an HMAC whose key is the public key, in the forms that somebody may have it in."""
    signed = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': signing_kid()})}.{part(claims(token))}"
    public = KEYS[0].public_key()
    for encoding, form in (
        (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        (Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        (Encoding.PEM, PublicFormat.PKCS1),
    ):
        mac = hmac.digest(public.public_bytes(encoding, form), signed.encode(), "sha256")
        forged = f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
        assert gate_says(f"Bearer {forged}") == {"anonymous": "invalid"}


def test_a_refresh_token_opens_nothing(join, login, gate_says):
    join()
    assert gate_says(f"Bearer {login().body['refresh_token']}") == {"anonymous": "invalid"}


def test_anyone_can_verify_a_token_with_what_is_published(token, call):
    configuration = call("GET", "/.well-known/openid-configuration").body
    assert configuration["issuer"] == "https://shop.example"
    assert configuration["jwks_uri"] == "https://shop.example/.well-known/jwks.json"
    [key] = jwt.PyJWKSet.from_dict(call("GET", "/.well-known/jwks.json").body).keys
    assert key.key_id == jwt.get_unverified_header(token)["kid"]
    options = {"verify_exp": False}
    said = jwt.decode(token, key, ["RS256"], options, audience="commerce", issuer=configuration["issuer"])
    assert said["roles"] == ["admin"]


@pytest.fixture
def ring(call, gate_says, login, claims):
    """What can be seen of the keys at a minute: who signs, and who is published."""

    class Ring:
        def at(self, minute):
            return NOW + minute * 60_000

        def rotate(self, minute, **how):
            now = datetime.fromtimestamp(self.at(minute) / 1000, tz=UTC)
            with time_machine.travel(now, tick=False):
                return rotate(boto3.client("kms"), TOKEN_KEYS, now, **how)

        def signs(self, minute):
            self.token = login(at=self.at(minute)).body["access_token"]
            assert "sub" in gate_says(f"Bearer {self.token}", at=self.at(minute))
            return jwt.get_unverified_header(self.token)["kid"]

        def published(self, minute):
            answer = call("GET", "/.well-known/jwks.json", at=self.at(minute))
            assert answer.headers["Cache-Control"] == "public, max-age=300"
            return {key["kid"] for key in answer.body["keys"]}

    return Ring()


def test_a_new_key_is_published_before_it_signs_and_the_old_one_outlives_its_tokens(ring, join, gate_says):
    join()
    old = signing_kid()
    assert (ring.signs(0), ring.published(0)) == (old, {old})
    assert ring.rotate(1) == []
    new = signing_kid()
    assert ring.published(5) == {old, new}  # within the four minutes that a key ring is remembered for
    assert ring.signs(10) == old
    last = ring.token
    assert ring.signs(11) == new
    assert "sub" in gate_says(f"Bearer {last}", at=ring.at(19))
    assert gate_says(f"Bearer {last}", at=ring.at(20)) == {"anonymous": "expired"}
    assert ring.published(60) == {old, new}


def test_whose_key_has_leaked_is_nobody_and_who_signs_in_anew_is_known_at_once(ring, join, gate_says):
    join()
    old = signing_kid()
    assert ring.signs(0) == old
    leaked = ring.token
    assert list(map(kid, ring.rotate(1, leaked=True))) == [old]
    assert ring.signs(1) != old  # and the gate, which has read the keys a minute ago, knows the new one
    assert gate_says(f"Bearer {leaked}", at=ring.at(5)) == {"anonymous": "invalid"}
    assert old not in ring.published(5)


def test_a_key_that_has_just_been_made_is_not_pushed_out_by_mistake(ring, join):
    join()
    ring.rotate(1)
    with pytest.raises(TooSoon, match="--leaked"):
        ring.rotate(10)
    assert len(ring.rotate(11)) == 1
    assert SIGNS_AFTER == key_ring.SIGNS_AFTER


def test_false_names_of_keys_make_the_gate_read_the_keys_seldom(forge, gate_says, token):
    assert "sub" in gate_says(f"Bearer {token}")
    read = []
    gate.key_ring()._kms.meta.events.register("before-call.kms", lambda model, **_: read.append(model.name))
    for seconds in (11, 12, 13, 20):
        false = forge({"kid": f"other-{seconds}"})
        assert gate_says(f"Bearer {false}", at=NOW + seconds * 1000) == {"anonymous": "invalid"}
    assert read == ["GetPublicKey"] * 2  # of both aliases, once


def test_aliases_that_move_while_a_token_is_signed_do_no_harm(ring, join, gate_says):
    join()
    old = ring.signs(0)
    ring.rotate(1)
    assert ring.signs(2) == old  # what was remembered says that the current alias signs, and it names another key now
