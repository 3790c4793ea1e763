"""Settings that could do harm are refused."""

import pytest
from pydantic import BaseModel, ValidationError

from common.entrypoint.settings import SandboxUrl, from_environment


class Settings(BaseModel):
    sandbox_url: SandboxUrl = ""


def test_a_sandbox_may_stand_on_this_same_machine(monkeypatch):
    assert from_environment(Settings).sandbox_url == ""
    monkeypatch.setenv("SANDBOX_URL", "http://127.0.0.1:12111")
    assert from_environment(Settings).sandbox_url == "http://127.0.0.1:12111"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://sandbox.example",
        "http://127.0.0.1.sandbox.example:1",
        "http://127.0.0.1:80@sandbox.example",
        "http://127.0.0.1:80/path",
        "http://169.254.169.254:80",
        "http://127.0.0.1:80\n",
    ],
)
def test_and_nowhere_else_for_it_is_given_the_providers_key(monkeypatch, elsewhere):
    monkeypatch.setenv("SANDBOX_URL", elsewhere)
    with pytest.raises(ValidationError):
        from_environment(Settings)
