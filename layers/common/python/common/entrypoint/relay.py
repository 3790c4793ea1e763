"""Commit items in from the table's stream, events out on the bus. Each domain runs its own, as handlers.relay."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from common.entrypoint.observability import Handler, count, observed
from common.infrastructure.commit import Commit
from common.infrastructure.event_bus import EventBus
from common.infrastructure.item import from_item
from common.infrastructure.outbox import Outbox

MARGIN = timedelta(minutes=5)  # a commit has the time of a function's clock, a stream's record that of its arrival


class NotPublished(Exception):
    """The bus refused an event. The queue will bring the repair again."""


def relay_handler(source: str, event_bus: Callable[[], EventBus]) -> Handler:
    @observed()
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Report the first unpublished record. The stream retries from there, so some may go out twice."""
        records = [record["dynamodb"] for record in event["Records"] if record["eventName"] == "INSERT"]
        outgoing = [
            (record["SequenceNumber"], message)
            for record in records
            for message in from_item(Commit, record["NewImage"]).messages(source)
        ]
        refused = event_bus().publish([message for _, message in outgoing])
        return {"batchItemFailures": [] if refused is None else [{"itemIdentifier": outgoing[refused][0]}]}

    return handler


def republisher_handler(source: str, outbox: Callable[[], Outbox], event_bus: Callable[[], EventBus]) -> Handler:
    """What the relay gave up on lands in a queue as a range of the stream: publish all that was committed then."""

    @observed()
    def handler(event: dict[str, Any], context: Any) -> None:
        for record in event["Records"]:
            lost = _range(record["body"])
            messages = [message for commit in outbox().committed(*lost) for message in commit.messages(source)]
            if event_bus().publish(messages) is not None:
                raise NotPublished(f"{source} could not be published again.")
            count("Republished", len(messages))

    return handler


def _range(body: str) -> tuple[datetime, datetime]:
    batch = json.loads(body)["DDBStreamBatchInfo"]
    first, last = batch["approximateArrivalOfFirstRecord"], batch["approximateArrivalOfLastRecord"]
    return datetime.fromisoformat(first).astimezone(UTC) - MARGIN, datetime.fromisoformat(last).astimezone(UTC) + MARGIN
