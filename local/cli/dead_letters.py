"""`./commerce dlq`: what could not be handled, and the way home for it once the fault is mended."""

import json
from typing import Any, Final

from common.infrastructure.dead_letters import CannotGoHome, DeadLetters
from local.cli import output
from local.cli.account import Account
from local.cli.output import Problem

SUFFIX: Final = "-dead-letters"
BUS: Final = "commerce"
SHOWN: Final = 20


def ls(account: Account) -> None:
    found = [(name, waiting) for name, url in _queues(account).items() if (waiting := _waiting(account, url))]
    for name, waiting in found:
        output.say(f"{waiting:>6}  {name}")
    if not found:
        output.say("No dead letters.")


def show(account: Account, name: str) -> None:
    """The letters stay where they are."""
    for number, letter in enumerate(_letters(account, name).take(visibility_s=1), 1):
        event = letter.event
        what = f"{event.get('type', 'no event of ours')} {event.get('id', '')}".strip()
        output.heading(f"{number}. {what}, received {letter.received} times")
        for key in ("time", "actor", "correlation_id", "causation_id"):
            if key in event:
                output.say(f"   {key:<15}{event[key]}")
        if letter.cause:
            output.say(f"   {'cause':<15}{letter.cause}")
        output.say(f"   {'data':<15}{json.dumps(event.get('data', letter.body))[:2000]}")
        if number == SHOWN:
            output.say("\nThere may be more.")
            return


def redrive(account: Account, name: str | None) -> int:
    """One queue's, or all; 0 when all went home."""
    stayed = 0
    for queue in [name] if name else _queues(account):
        try:
            sent = _letters(account, queue).redrive()
        except CannotGoHome as error:
            output.complain(f"{queue}: {error}")
            stayed += 1
        else:
            if sent or name:
                output.say(f"{sent:>6}  {queue}: sent home")
    return 1 if stayed else 0


def _letters(account: Account, name: str) -> DeadLetters:
    queues = _queues(account)
    url = queues.get(name) or queues.get(name + SUFFIX) or queues.get(f"commerce-{name}{SUFFIX}")
    if url is None:
        raise Problem(f"There is no queue {name}. `./commerce dlq ls` names those that hold something.")
    return DeadLetters(account.client("sqs"), account.client("events"), url, BUS)


def _queues(account: Account) -> dict[str, str]:
    pages = account.client("sqs").get_paginator("list_queues").paginate(QueueNamePrefix="commerce-")
    urls = [url for page in pages for url in page.get("QueueUrls", [])]
    return {url.rpartition("/")[2]: url for url in sorted(urls) if url.endswith(SUFFIX)}


def _waiting(account: Account, url: str) -> int:
    answer: Any = account.client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])
