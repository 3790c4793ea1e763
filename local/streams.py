"""Carries a table's stream to a function, in order, as Lambda's event source mapping does."""

from collections import deque
from collections.abc import Iterator
from typing import Any

from moto.core.utils import unix_time

from local.assembly import REGION, Resource
from local.carriage import FOREVER, Carriage, DeliveryFailed, failed_items, matches, patterns
from local.functions import Answer
from local.moto_patches import StreamReader

LONGEST_BACKOFF = 60.0
Record = dict[str, Any]


class StreamCarrier:
    """One mapping. It reads one shard, and a batch that fails holds back what comes after it."""

    def __init__(self, carriage: Carriage, mapping: Resource) -> None:
        self.table = mapping.properties["EventSourceArn"].split("/")[1]
        function = carriage.functions.named(mapping.properties["FunctionName"])
        self.function, self._role = function.name, function.role
        for action in ("DescribeStream", "GetRecords", "GetShardIterator"):
            carriage.iam.require(function.role, f"dynamodb:{action}", mapping.properties["EventSourceArn"])
        self._carriage = carriage
        self._mapping = mapping.properties
        self._filters = patterns(mapping.properties.get("FilterCriteria"))
        self._size = int(mapping.properties.get("BatchSize", 100))
        self._window = float(mapping.properties.get("MaximumBatchingWindowInSeconds", 0))
        self._retries = int(mapping.properties.get("MaximumRetryAttempts", FOREVER))
        self._age = float(mapping.properties.get("MaximumRecordAgeInSeconds", FOREVER))
        self._reader = StreamReader(self.table)
        self._running = False
        self._again: set[int] = set()

    @property
    def end(self) -> int:
        return self._reader.end

    def repeat(self, start: int) -> None:
        """Deliver the records from `start` on a second time."""
        self._again |= set(range(start, self.end))

    @property
    def waiting(self) -> int:
        return self._reader.end - self._reader.position

    def unread(self) -> Iterator[dict[str, Any]]:
        """The keys of the items whose news have not been taken yet."""
        for item in self._reader.next(self.waiting):
            yield item.to_json()["dynamodb"]["Keys"]

    def wake(self) -> None:
        if not self._running and self.waiting:
            self._running = True
            self._carriage.go(f"stream:{self.table}", self._run)

    def _run(self) -> None:
        try:
            while self.waiting:
                if self._window and self.waiting < self._size:
                    self._carriage.scheduler.sleep(self._window)
                batch = self._reader.next(self._size)
                records = [self._record(item) for item in batch]
                self._deliver([record for record in records if matches(record, self._filters)])
                repeated = [one for number, one in enumerate(records, self._reader.position) if number in self._again]
                self._deliver([record for record in repeated if matches(record, self._filters)])
                self._reader.advance(len(batch))
        finally:
            self._running = False

    def _record(self, item: Any) -> Record:
        record = item.to_json()
        at = unix_time(record["dynamodb"]["ApproximateCreationDateTime"].replace(tzinfo=None))
        image = record["dynamodb"] | {"ApproximateCreationDateTime": at}
        carried: Record = record | {
            "awsRegion": REGION,
            "eventSourceARN": self._mapping["EventSourceArn"],
            "dynamodb": image,
        }
        return carried

    def _deliver(self, records: list[Record]) -> None:
        """Until every record is taken or given up; the batch is cut where it failed, or in halves."""
        left = deque([(records, 0)] if records else [])
        while left:
            batch, attempts = left.popleft()
            start = self._attempt(batch)
            if start is None:
                continue
            rest = batch[start:]
            if len(rest) < len(batch):
                left.appendleft((rest, 0))
            elif self._mapping.get("BisectBatchOnFunctionError") and len(rest) > 1:
                middle = len(rest) // 2
                left.extendleft([(rest[middle:], attempts), (rest[:middle], attempts)])
            elif reason := self._given_up(rest, attempts):
                self._give_up(rest, reason, attempts + 1)
            else:
                self._carriage.scheduler.sleep(min(2.0**attempts, LONGEST_BACKOFF))
                left.appendleft((rest, attempts + 1))

    def _attempt(self, batch: list[Record]) -> int | None:
        """Invoke; return the position from which the batch must come again."""
        try:
            answer = self._carriage.invoke(self.function, {"Records": batch})
        except DeliveryFailed:
            answer = Answer(b"", "Unhandled")
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        failed = failed_items(answer, self._mapping, numbers)
        return min(map(numbers.index, failed)) if failed else None

    def _given_up(self, batch: list[Record], attempts: int) -> str | None:
        if FOREVER < self._retries <= attempts:
            return "RetryAttemptsExhausted"
        age = self._carriage.scheduler.clock.now() - batch[0]["dynamodb"]["ApproximateCreationDateTime"]
        return "RecordAgeExceeded" if FOREVER < self._age < age else None

    def _give_up(self, batch: list[Record], reason: str, invocations: int) -> None:
        destination = self._mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if not destination:
            return
        times = [record["dynamodb"]["ApproximateCreationDateTime"] for record in batch]
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        self._carriage.iam.require(self._role, "sqs:SendMessage", destination)
        self._carriage.send_json(
            destination,
            {
                "version": "1.0",
                "timestamp": self._carriage.timestamp(),
                "requestContext": {
                    "requestId": batch[0]["eventID"],
                    "functionArn": self._carriage.functions.by_name[self.function].arn,
                    "condition": reason,
                    "approximateInvokeCount": invocations,
                },
                "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
                "DDBStreamBatchInfo": {
                    "shardId": "shardId-00000001541626099285-f35f62ef",
                    "startSequenceNumber": numbers[0],
                    "endSequenceNumber": numbers[-1],
                    "approximateArrivalOfFirstRecord": self._carriage.timestamp(times[0]),
                    "approximateArrivalOfLastRecord": self._carriage.timestamp(times[-1]),
                    "batchSize": len(batch),
                    "streamArn": self._mapping["EventSourceArn"],
                },
            },
        )
