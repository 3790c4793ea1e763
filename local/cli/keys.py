"""`./commerce keys`: what signs access tokens, on the platform that runs here, or with `--aws` on a deployed one.

A rotation makes a key in KMS and moves two aliases; nothing is deployed, and no token is refused because of it. The
new key is published at once and signs ten minutes later, when everybody who verifies can have read it; the old one
stays published until the next rotation. To take a key out of use at once, rotate twice.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.cli import output
from local.cli.whereabouts import running

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

FUNCTION: Final = "commerce-identity-api"  # its environment says which alias signs
LOCAL: Final = {"region_name": "eu-west-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}


class TokenKey(NamedTuple):
    alias: str
    key_id: str
    made: datetime


def run_rotate(*, aws: bool) -> None:
    kms, alias = _place(aws)
    with output.step("a new key, and the aliases moved"):
        retired = _answered(lambda: rotate(kms, alias))
    _say(_answered(lambda: keys(kms, alias)))
    if retired:
        output.say(f"\nWithin five minutes nothing is signed or verified by {retired} any more. Then:")
        output.say(f"  aws kms schedule-key-deletion --key-id {retired} --pending-window-in-days 7")


def run_show(*, aws: bool) -> None:
    kms, alias = _place(aws)
    _say(_answered(lambda: keys(kms, alias)))


def rotate(kms: "KMSClient", alias: str) -> str | None:
    """The id of the key that no alias names any more, if there is one."""
    current, previous = keys(kms, alias)
    new = kms.create_key(
        KeySpec="RSA_2048",
        KeyUsage="SIGN_VERIFY",
        Description="Signs access tokens. Its public half is at /.well-known/jwks.json.",
    )["KeyMetadata"]["KeyId"]
    # In this order the key that signs is named at every moment.
    kms.update_alias(AliasName=previous.alias, TargetKeyId=current.key_id)
    kms.update_alias(AliasName=current.alias, TargetKeyId=new)
    return previous.key_id if previous.key_id != current.key_id else None


def keys(kms: "KMSClient", alias: str) -> tuple[TokenKey, TokenKey]:
    """The current one and the one before it; the same one twice until the first rotation."""
    return _key(kms, alias), _key(kms, f"{alias}-previous")


def _key(kms: "KMSClient", alias: str) -> TokenKey:
    described = kms.describe_key(KeyId=alias)["KeyMetadata"]
    return TokenKey(alias, described["KeyId"], described["CreationDate"])


def _say(known: tuple[TokenKey, TokenKey]) -> None:
    for key in known:
        output.say(f"  {key.alias:<33} {key.key_id}   made {key.made:%Y-%m-%d %H:%M} UTC")
    if known[0].key_id != known[1].key_id:
        output.say("  The first signs from ten minutes after it was made; until then the second does.")


def _place(aws: bool) -> tuple["KMSClient", str]:
    how: dict[str, Any] = {}
    if not aws:
        if (here := running()) is None:
            raise output.Problem(
                "No platform runs here. Start it with ./commerce up, or name a deployed one with --aws."
            )
        how = {"endpoint_url": here["aws_endpoint_url"], **LOCAL}
    deployed = _answered(lambda: boto3.client("lambda", **how).get_function_configuration(FunctionName=FUNCTION))
    return boto3.client("kms", **how), deployed["Environment"]["Variables"]["TOKEN_KEYS"]


def _answered(ask: Any) -> Any:
    try:
        return ask()
    except (ClientError, BotoCoreError) as error:
        raise output.Problem(f"{error} It needs kms:CreateKey, kms:UpdateAlias and kms:DescribeKey.") from error
