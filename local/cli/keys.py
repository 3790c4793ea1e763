"""`./commerce keys`: what signs access tokens, on the platform that runs here, or with `--aws` on a deployed one.

A rotation makes a key in KMS and moves two aliases; nothing is deployed, and no token is refused because of it. The
new key is published at once and signs ten minutes later, when everybody who verifies can have read it; the old one
stays published until the next rotation, which has to wait for those ten minutes. A key that has leaked is taken out of
use at once, and whatever it has signed with it.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.cli import output
from local.cli.whereabouts import Whereabouts, client, running

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

FUNCTION: Final = "commerce-identity-api"  # its environment says which alias signs
SIGNS_AFTER: Final = timedelta(minutes=10)
LOCAL: Final = {"region_name": "eu-west-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}


class TokenKey(NamedTuple):
    alias: str
    key_id: str
    made: datetime


class Place(NamedTuple):
    kms: "KMSClient"
    alias: str
    now: Callable[[], datetime]


class TooSoon(output.Problem):
    """The key of the last rotation does not sign yet: what does would be taken out of use."""


def run_rotate(*, aws: bool, leaked: bool) -> None:
    place = _place(aws)
    with output.step("a new key, and the aliases moved"):
        retired = _answered(lambda: rotate(place.kms, place.alias, place.now(), leaked=leaked))
    _say(_answered(lambda: keys(place.kms, place.alias)))
    if leaked:
        output.say("\nTokens that older keys have signed are refused within five minutes: people sign in again.")
    if retired:
        output.say(f"\nWithin five minutes nothing is signed or verified by {' or '.join(retired)} any more. Then:")
    for key_id in retired:
        output.say(f"  aws kms schedule-key-deletion --key-id {key_id} --pending-window-in-days 7")


def run_show(*, aws: bool) -> None:
    place = _place(aws)
    _say(_answered(lambda: keys(place.kms, place.alias)))


def rotate(kms: "KMSClient", alias: str, now: datetime, *, leaked: bool = False) -> list[str]:
    """The ids of the keys that no alias names any more. Raise TooSoon, unless the keys that there are have leaked."""
    current, previous = keys(kms, alias)
    waits_until = current.made + SIGNS_AFTER
    if not leaked and current.key_id != previous.key_id and now < waits_until:
        raise TooSoon(
            f"The key of the last rotation signs from {waits_until:%H:%M:%S} UTC. Another rotation before that would"
            " take the one that signs now out of use, and sign everybody out. If it has leaked, do that with --leaked."
        )
    new = kms.create_key(
        KeySpec="RSA_2048",
        KeyUsage="SIGN_VERIFY",
        Description="Signs access tokens. Its public half is at /.well-known/jwks.json.",
    )["KeyMetadata"]["KeyId"]
    kept = new if leaked else current.key_id
    # In this order the key that signs is named at every moment.
    kms.update_alias(AliasName=previous.alias, TargetKeyId=kept)
    kms.update_alias(AliasName=current.alias, TargetKeyId=new)
    return sorted({current.key_id, previous.key_id} - {kept})


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


def _place(aws: bool) -> Place:
    how: dict[str, Any] = {}
    now = partial(datetime.now, UTC)
    if not aws:
        if (here := running()) is None:
            raise output.Problem(
                "No platform runs here. Start it with ./commerce up, or name a deployed one with --aws."
            )
        how = {"endpoint_url": here["aws_endpoint_url"], **LOCAL}
        now = partial(_told_time, here)
    deployed = _answered(lambda: boto3.client("lambda", **how).get_function_configuration(FunctionName=FUNCTION))
    return Place(boto3.client("kms", **how), deployed["Environment"]["Variables"]["TOKEN_KEYS"], now)


def _told_time(here: Whereabouts) -> datetime:
    """The platform's own clock, which can be put forward."""
    with client(here) as front_door:
        return datetime.fromisoformat(front_door.get("/_local/clock").json()["now"])


def _answered(ask: Any) -> Any:
    try:
        return ask()
    except (ClientError, BotoCoreError) as error:
        raise output.Problem(f"{error} It needs kms:CreateKey, kms:UpdateAlias and kms:DescribeKey.") from error
