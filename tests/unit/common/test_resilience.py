"""What a provider's silence means, and that one that fails is left alone by all instances."""

from types import SimpleNamespace

import pytest
import urllib3
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError, ReadTimeoutError

from common.infrastructure import resilience
from common.infrastructure.resilience import OutcomeUnknown, ProviderApi, ProviderDown, aws_is_down


class Wire:
    def __init__(self):
        self.answers, self.sent = [], []

    def request(self, method, url, body, headers):
        self.sent.append((method, url, headers))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(status=answer, data=b"{}")


@pytest.fixture
def wire(monkeypatch):
    wire = Wire()
    monkeypatch.setattr(resilience, "_connections", lambda: wire)
    return wire


@pytest.fixture
def api():
    return ProviderApi("https://provider.example", {"authorization": "Bearer x"})


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (urllib3.exceptions.NewConnectionError(None, "refused"), ProviderDown),
        (urllib3.exceptions.ConnectTimeoutError(None, "slow"), ProviderDown),
        (urllib3.exceptions.ReadTimeoutError(None, "/", "silent"), OutcomeUnknown),
        (urllib3.exceptions.ProtocolError("cut off"), OutcomeUnknown),
        (429, ProviderDown),
        (500, OutcomeUnknown),
        (503, OutcomeUnknown),
    ],
    ids=["refused", "no connection", "no answer", "cut off", "429", "500", "503"],
)
def test_what_was_not_done_is_down_and_what_may_have_been_done_is_unknown(wire, api, answer, meaning):
    wire.answers = [answer]
    with pytest.raises(meaning) as raised:
        api.send("POST", "/charges", b"x")
    assert raised.value.retry_after == resilience.COOL_DOWN
    assert len(wire.sent) == 1  # retries are the caller's


@pytest.mark.parametrize("status", [200, 400, 402, 404])
def test_other_answers_are_answers(wire, api, status):
    wire.answers = [status]
    assert api.send("GET", "/charges/1", headers={"x": "y"}).status == status
    assert wire.sent == [("GET", "https://provider.example/charges/1", {"authorization": "Bearer x", "x": "y"})]


def refused(code, status):
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Query")


@pytest.mark.parametrize(
    ("error", "down"),
    [
        (refused("ProvisionedThroughputExceededException", 400), True),
        (refused("ThrottlingException", 400), True),
        (refused("InternalServerError", 500), True),
        (ReadTimeoutError(endpoint_url="https://dynamodb"), True),
        (EndpointConnectionError(endpoint_url="https://dynamodb"), True),
        (refused("AccessDeniedException", 400), False),
        (refused("ConditionalCheckFailedException", 400), False),
        (ParamValidationError(report="a fault of ours"), False),
        (KeyError("a fault of ours"), False),
    ],
)
def test_what_passes_is_told_from_faults_of_ours(error, down):
    assert aws_is_down(error) == down
