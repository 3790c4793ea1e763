"""The providers' sandboxes, with the secrets that the templates generated for them."""

import json
from collections.abc import Iterable

from local.assembly import Resource
from local.provider_channel import Provider
from local.resources.aws import Aws
from local.webhooks import Sender
from sandbox.easypost import EasyPostSandbox
from sandbox.stripe import StripeSandbox


class Providers:
    """A provider whose secret the templates do not have is not there."""

    def __init__(self, resources: Iterable[Resource], aws: Aws, public_url: str) -> None:
        self._named = {one.properties.get("Name") for one in resources if one.type == "AWS::SecretsManager::Secret"}
        self._aws = aws
        self.stripe: StripeSandbox | None = None
        self.easypost: EasyPostSandbox | None = None
        self.by_host: dict[str, tuple[str, Provider]] = {}
        self.senders: dict[str, Sender] = {}
        self.webhook_secrets: dict[str, str] = {}
        if keys := self._secret("stripe"):
            self.stripe = StripeSandbox(keys["api_key"], keys["webhook_secret"], public_url)
            self.by_host["api.stripe.com"] = ("stripe", self.stripe)
            self.senders["stripe"] = self.stripe
        if keys := self._secret("easypost"):
            self.easypost = EasyPostSandbox(keys["api_key"], keys["webhook_secret"], public_url)
            self.by_host["api.easypost.com"] = ("easypost", self.easypost)
            self.senders["easypost"] = self.easypost

    def _secret(self, provider: str) -> dict[str, str] | None:
        name = f"commerce/{provider}"
        if name not in self._named:
            return None
        keys: dict[str, str] = json.loads(self._aws("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
        self.webhook_secrets[provider] = keys["webhook_secret"]
        return keys
