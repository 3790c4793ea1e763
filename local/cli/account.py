"""Which AWS an operator's command speaks to: the platform that runs here, or, with --aws, the account of the shell."""

from typing import Any, Final

import boto3
from botocore.config import Config

from local.cli.output import Problem
from local.cli.whereabouts import running

REGION: Final = "eu-west-1"


class Account:
    """`how` is what its clients need beside the name of the service: nothing, for the account of the shell."""

    def __init__(self, **how: Any) -> None:
        self._how = how

    def client(self, service: str) -> Any:
        return boto3.client(service, **self._how)  # type: ignore[call-overload]


def account(*, aws: bool) -> Account:
    if aws:
        return Account()
    found = running()
    if found is None:
        raise Problem("No platform runs here. Start one with `./commerce up`, or say --aws for the shell's account.")
    return Account(
        endpoint_url=found["aws_endpoint_url"],
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(account_id_endpoint_mode="disabled"),
    )
