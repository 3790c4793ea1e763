"""A shop on a deployed platform. Nothing says when it has settled: what should become so is asked for until it is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from local.emulator.ministack import ACCOUNT, Emulator
from local.eventually import eventually
from local.shop import Json, Shop

CALL_S: Final = 60  # functions start in processes of their own, all of them on one machine


class DeployedShop(Shop):
    """`api_url` is what the stack `Api` says, whose host only ministack knows."""

    def __init__(self, emulator: Emulator, client: httpx.Client, webhook_secrets: dict[str, str]) -> None:
        super().__init__(client, webhook_secrets, key="emulator")
        self._emulator = emulator

    def settle(self, timeout_s: int = 600) -> None:
        """Nothing can be waited for but outcomes."""

    def mailed_token(self, email: str) -> str:
        return eventually(f"a token is mailed to {email}", lambda: super(DeployedShop, self).mailed_token(email))

    def mailbox(self, email: str) -> list[Json]:
        sent = httpx.get(f"{self._emulator.url}/_ministack/ses/messages", trust_env=False).json()["messages"]
        mine = [mail for mail in sent.get(ACCOUNT, []) if email in mail["To"]]
        return [{"subject": mail["Subject"], "text": mail["BodyText"]} for mail in reversed(mine)]


@contextmanager
def front_door(emulator: Emulator, api_url: str) -> Iterator[httpx.Client]:
    """ministack tells APIs apart by the host, which nobody else can look up."""
    host = httpx.URL(api_url).netloc.decode()
    with httpx.Client(base_url=emulator.url, headers={"host": host}, timeout=CALL_S, trust_env=False) as client:
        yield client


def provider_keys(emulator: Emulator, provider: str) -> dict[str, str]:
    """`api_key` and `webhook_secret`, as the template had them generated."""
    secret = emulator.client("secretsmanager").get_secret_value(SecretId=f"commerce/{provider}")
    keys: dict[str, str] = json.loads(secret["SecretString"])
    return keys
