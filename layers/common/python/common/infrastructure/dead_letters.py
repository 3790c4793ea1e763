"""Dead letters: look at them, and send them home once the fault is mended."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class DeadLetter(NamedTuple):
    message_id: str
    receipt_handle: str
    body: str
    received: int  # times


class DeadLetters:
    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def take(self, visibility_s: int = 30) -> Iterator[DeadLetter]:
        """Each letter once; those that are not removed show up again after `visibility_s`."""
        while True:
            answer = self._client.receive_message(
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=visibility_s,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
            if not answer.get("Messages"):
                return
            for message in answer["Messages"]:
                received = int(message.get("Attributes", {}).get("ApproximateReceiveCount", "0"))
                yield DeadLetter(message["MessageId"], message["ReceiptHandle"], message["Body"], received)

    def redrive(self, home_url: str) -> int:
        """Send all back to the queue they came from: first there, then gone from here, so none is lost between."""
        count = 0
        for letter in self.take():
            self._client.send_message(QueueUrl=home_url, MessageBody=letter.body)
            self._client.delete_message(QueueUrl=self._queue_url, ReceiptHandle=letter.receipt_handle)
            count += 1
        return count
