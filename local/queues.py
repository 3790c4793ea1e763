"""Carries a queue's messages to a function: polls as Lambda does, deletes what was taken, lets the rest come again."""

import json
from contextlib import suppress
from typing import Any

from local.assembly import REGION, Resource
from local.carriage import Carriage, DeliveryFailed, failed_items, matches, patterns
from local.functions import Answer
from local.moto_state import backend
from local.scheduler import Timer

POLLERS = 5  # Lambda starts with five


class QueueCarrier:
    def __init__(self, carriage: Carriage, mapping: Resource) -> None:
        self.queue = mapping.properties["EventSourceArn"].rpartition(":")[2]
        function = carriage.functions.named(mapping.properties["FunctionName"])
        self.function = function.name
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            carriage.iam.require(function.role, f"sqs:{action}", mapping.properties["EventSourceArn"])
        self._carriage = carriage
        self._mapping = mapping.properties
        self._filters = patterns(mapping.properties.get("FilterCriteria"))
        self._size = int(mapping.properties.get("BatchSize", 10))
        self._window = float(mapping.properties.get("MaximumBatchingWindowInSeconds", 0))
        self._most = int(mapping.properties.get("ScalingConfig", {}).get("MaximumConcurrency", POLLERS))
        self._pollers = 0
        self.carried = False  # anything yet
        self._alarm: Timer | None = None

    def wake(self) -> None:
        if self._pollers < self._most:
            self._pollers += 1
            self._carriage.go(f"queue:{self.queue}", self._poll)

    def _poll(self) -> None:
        try:
            while self._queue().messages:
                if self._window and len(self._queue().messages) < self._size:
                    self._carriage.scheduler.sleep(self._window)
                if messages := self._receive():
                    self.carried = True
                    self._deliver(messages)
        finally:
            self._pollers -= 1
            self._wake_later()

    def _queue(self) -> Any:
        return backend("sqs").get_queue(self.queue)

    def _receive(self) -> list[Any]:
        queue = self._queue()
        try:
            received: list[Any] = self._carriage.call(
                "sqs",
                "ReceiveMessage",
                {"QueueUrl": self.queue},
                lambda: backend("sqs").receive_message(self.queue, self._size, 0, queue.visibility_timeout, ["All"]),
            )
        except DeliveryFailed:  # what it may have taken comes again when its visibility time-out is over
            self._carriage.scheduler.sleep(1)
            return []
        return received

    def _wake_later(self) -> None:
        """Be there when a message that was not taken becomes visible again."""
        if self._alarm:
            self._alarm.cancel()
        later = [max(message.visible_at, message.delayed_until) for message in self._queue()._messages]
        if later:
            # moto shows a message only after its moment, not at it.
            self._alarm = self._carriage.scheduler.at(min(later) / 1000 + 0.001, self.wake)

    def _deliver(self, messages: list[Any]) -> None:
        wanted = [message for message in messages if matches(self._filtered(message), self._filters)]
        failed: list[str] = []
        if wanted:
            try:
                answer = self._carriage.invoke(self.function, {"Records": [self._record(one) for one in wanted]})
            except DeliveryFailed:
                answer = Answer(b"", "Unhandled")
            failed = failed_items(answer, self._mapping, [message.id for message in wanted])
        taken = [message for message in messages if message.id not in failed]
        if taken:
            handles = [message.receipt_handle for message in taken]
            with suppress(DeliveryFailed):  # what is not deleted comes again: at least once is what a queue promises
                self._carriage.call(
                    "sqs", "DeleteMessageBatch", {"QueueUrl": self.queue}, lambda: self._delete(handles)
                )

    def _delete(self, handles: list[str]) -> None:
        for handle in handles:
            backend("sqs").delete_message(self.queue, handle)

    def _filtered(self, message: Any) -> Any:
        """What a filter sees: the body as JSON, where it is JSON."""
        record = self._record(message)
        try:
            return record | {"body": json.loads(record["body"])}
        except ValueError:
            return record

    def _record(self, message: Any) -> dict[str, Any]:
        return {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": str(message.approximate_receive_count),
                "SentTimestamp": str(message.sent_timestamp),
                "SenderId": message.sender_id,
                "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
            },
            "messageAttributes": {
                name: {"stringValue": value.get("StringValue"), "dataType": value["DataType"]}
                for name, value in message.message_attributes.items()
            },
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": self._mapping["EventSourceArn"],
            "awsRegion": REGION,
        }
