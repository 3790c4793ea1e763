"""Time comes in with the event. This is where it is read off."""

from datetime import UTC, datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Request


def received_at(event: dict[str, Any]) -> datetime:
    """The time of an HTTP request is the gateway's."""
    return datetime.fromtimestamp(event["requestContext"]["timeEpoch"] / 1000, tz=UTC)


def _received_at(request: Request) -> datetime:
    return received_at(request.resolved_event.raw_event)


ReceivedAt = Annotated[datetime, Depends(_received_at)]


def scheduled_at(event: dict[str, Any]) -> datetime:
    """The time of a scheduled event is when it fell due."""
    return datetime.fromisoformat(event["time"])


def sent_at(record: dict[str, Any]) -> datetime:
    """The time of a queue's record is when it was sent."""
    return datetime.fromtimestamp(int(record["attributes"]["SentTimestamp"]) / 1000, tz=UTC)
