"""Dead letters: look at them, and send them home once the fault is mended. Nothing is lost between: sent, then deleted.

What a consumer could not hear goes back to the queue that it came from. What EventBridge could not bring to its target
(with or without its envelope) is published again, to all who asked for it: whoever has heard it does nothing.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient


class CannotGoHome(Exception):
    """It is no event of ours, or the bus refused it. It stays a dead letter."""


class DeadLetter(NamedTuple):
    message_id: str
    receipt_handle: str
    body: str
    received: int  # times
    cause: str  # what EventBridge says, where it was EventBridge

    @property
    def in_envelope(self) -> bool:
        return "detail-type" in self._json()

    @property
    def event(self) -> dict[str, Any]:
        """The message as the relay wrote it; {} if it is none."""
        found = self._json()
        event: dict[str, Any] = found.get("detail", found)
        return event

    def _json(self) -> dict[str, Any]:
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class DeadLetters:
    def __init__(self, sqs: "SQSClient", events: "EventBridgeClient", queue_url: str, bus: str) -> None:
        self._sqs = sqs
        self._events = events
        self._queue_url = queue_url
        self._bus = bus

    def take(self, visibility_s: int = 30) -> Iterator[DeadLetter]:
        """Each letter once; those that are not removed show up again after `visibility_s`."""
        while True:
            answer = self._sqs.receive_message(
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=visibility_s,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
                MessageAttributeNames=["ERROR_MESSAGE", "ERROR_CODE"],
            )
            if not answer.get("Messages"):
                return
            for message in answer["Messages"]:
                received = int(message.get("Attributes", {}).get("ApproximateReceiveCount", "0"))
                said = message.get("MessageAttributes", {}).values()
                cause = "; ".join(attribute.get("StringValue", "") for attribute in said)
                yield DeadLetter(message["MessageId"], message["ReceiptHandle"], message["Body"], received, cause)

    def redrive(self) -> int:
        """Send all home; return how many. Raise CannotGoHome at the first that cannot, and leave it where it is."""
        home, count = self._home(), 0
        for letter in self.take():
            if home and not letter.in_envelope:
                self._sqs.send_message(QueueUrl=home, MessageBody=letter.body)
            else:
                self._publish(letter.event)
            self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=letter.receipt_handle)
            count += 1
        return count

    def _home(self) -> str | None:
        """The queue whose dead letters these are; None where only EventBridge leaves them."""
        sources = self._sqs.list_dead_letter_source_queues(QueueUrl=self._queue_url)["queueUrls"]
        return sources[0] if sources else None

    def _publish(self, event: dict[str, Any]) -> None:
        if not {"source", "type"} <= event.keys():
            raise CannotGoHome("It is no event of ours.")
        entry: Any = {
            "EventBusName": self._bus,
            "Source": event["source"],
            "DetailType": event["type"],
            "Detail": json.dumps(event),
        }
        answer = self._events.put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise CannotGoHome(f"The bus refused it: {answer['Entries'][0].get('ErrorMessage')}")
