"""The identity domain through its handlers on moto, with real keys in KMS, and notification's part played by hand."""

import base64
import itertools
import json
import re

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from common.domain.sealed import Sealed
from identity import bootstrap, handlers
from identity.authorizer import bootstrap as gate
from identity.authorizer import handlers as gate_handlers
from identity.events import Person

NOW = 1714521600000
PASSWORD = "correct horse battery staple"


TOKEN_KEYS = "alias/commerce/tokens"
KEYS = [rsa.generate_private_key(65537, 2048) for _ in range(2)]  # made once: each takes a quarter of a second


@pytest.fixture(autouse=True)
def dynamodb(tables, person_keys, monkeypatch):
    keys = itertools.cycle(KEYS)
    monkeypatch.setattr("moto.kms.utils.rsa.generate_private_key", lambda *how, **named: next(keys))
    kms = boto3.client("kms")
    signing = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    for alias in (TOKEN_KEYS, f"{TOKEN_KEYS}-previous"):
        kms.create_alias(AliasName=alias, TargetKeyId=signing)
    factors = kms.create_key()["KeyMetadata"]["KeyId"]
    boto3.client("secretsmanager").create_secret(Name="commerce/cursors", SecretString=json.dumps({"key": "k"}))
    links = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    for name, value in {
        "ISSUER": "https://shop.example",
        "ADMIN_EMAIL": "Grace@shop.example",
        "TOKEN_KEYS": TOKEN_KEYS,
        "MAIL_LINK_KEY": links,
        "SECOND_FACTOR_KEY": factors,
        "CURSOR_SECRET": "commerce/cursors",
    }.items():
        monkeypatch.setenv(name, value)
    for made in (gate.key_ring, gate.settings):
        made.cache_clear()
    yield tables("identity")
    assert bootstrap.rows().table == "commerce-identity-state"


@pytest.fixture
def call(http):
    return lambda method, route, **how: http(handlers.api, method, route, **how)


@pytest.fixture
def events(dynamodb):
    """All that was committed, as dicts, in the order of their streams; with who it says somebody is, out of the box."""

    def committed():
        items = dynamodb.scan(TableName="commerce-identity-events")["Items"]
        items.sort(key=lambda item: (item["stream"]["S"], int(item["version"]["N"])))
        return [opened(json.loads(event["S"])) for item in items for event in item["events"]["L"]]

    return committed


def opened(event):
    if box := event.get("person"):
        assert not event["email"] and not event["name"]
        who = bootstrap.person_keys().open(Sealed.model_validate(box), Person)
        event |= who.model_dump() if who else {}
    return event


@pytest.fixture
def mailed(events, monkeypatch):
    """The tokens that notification would have mailed to an address, oldest first."""

    def tokens(email, purpose="confirm"):
        kind = {"confirm": "ConfirmationRequested", "reset": "PasswordResetRequested"}[purpose]
        found = [event for event in events() if event["type"] == kind and event["email"] == email]
        return [sealed(event["token_id"], purpose) for event in found]

    return tokens


def sealed(token_id, purpose):
    mac = boto3.client("kms").generate_mac(
        Message=f"{purpose}:{token_id}".encode(),
        KeyId=bootstrap.settings().mail_link_key,
        MacAlgorithm="HMAC_SHA_256",
    )["Mac"]
    return f"{token_id}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


@pytest.fixture
def register(call):
    def register(email="ada@shop.example", password=PASSWORD, name="Ada", **how):
        return call("POST", "/identity/register", body={"email": email, "password": password, "name": name}, **how)

    return register


@pytest.fixture
def confirm(call):
    return lambda token, **how: call("POST", "/identity/confirm", body={"token": token}, **how)


@pytest.fixture
def login(call):
    def login(email="ada@shop.example", password=PASSWORD, otp=None, **how):
        body = {"email": email, "password": password} | ({"otp": otp} if otp is not None else {})
        return call("POST", "/identity/login", body=body, **how)

    return login


@pytest.fixture
def refresh(call):
    return lambda token, **how: call("POST", "/identity/refresh", body={"refresh_token": token}, **how)


@pytest.fixture
def join(register, confirm, mailed):
    """A confirmed account."""

    def join(email="ada@shop.example", **how):
        before = mailed(email)
        assert register(email, **how).status == 202
        [token] = [token for token in mailed(email) if token not in before]
        assert confirm(token).status == 204

    return join


@pytest.fixture
def gate_says(context):
    """What the authorizer makes of an Authorization header."""

    def ask(header, at=NOW):
        event = {"headers": {"authorization": header}, "requestContext": {"requestId": "r-1", "timeEpoch": at}}
        answer = gate_handlers.authorizer(event, context)
        assert answer["isAuthorized"] is True
        return answer["context"]

    return ask


@pytest.fixture
def claims():
    def read(token):
        part = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))

    return read


@pytest.fixture
def signed_in(login, claims):
    """Who they are, as the gate would say of a new session of theirs: for `call(…, **signed_in())`."""

    def sign_in(email="ada@shop.example", **how):
        said = claims(login(email, **how).body["access_token"])
        return {"caller": said["sub"], "sid": said["sid"], "roles": ",".join(said["roles"])}

    return sign_in


@pytest.fixture
def stored(dynamodb):
    """Everything that is stored, as text."""

    def text():
        tables = ("commerce-identity-events", "commerce-identity-state")
        return json.dumps([dynamodb.scan(TableName=table)["Items"] for table in tables], default=str)

    return text


def parts_of(token):
    """The pieces of a token that nobody may find in a table."""
    return [part for part in re.split(r"\.", token) if len(part) >= 20 and not part.startswith("ses_")]
