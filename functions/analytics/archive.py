"""Every event of every domain, kept in S3 for ever: what the figures are rebuilt from, and what Athena reads.

    events/day=2026-01-05/<sha256 of the ids in it>.ndjson.gz

One object for a batch and a day (UTC, of the event's own time), a message a line. The same batch again is the same
object with the same bytes. A batch of which a part comes again is another object, so an event may stand in several:
whoever reads must take each `source` and `id` once.

Persons are left out, so that nobody has to be erased here: an event keeps its ids, amounts and times, and loses names,
addresses, and what somebody wrote in their own words.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from common.domain.message import Message

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX: Final = "events/"
PERSONAL: Final = frozenset(
    ("address", "email", "label_url", "name", "phone", "reason", "redirect_url", "shipping_address", "token_id")
)
OURS: Final = {("OrderRejected", "reason")}  # a word of ours


class ObjectPage(NamedTuple):
    keys: list[str]
    complete: bool  # there is none after these


class Archive:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keep(self, messages: Sequence[Message]) -> None:
        days: dict[str, list[Message]] = defaultdict(list)
        for message in messages:
            days[f"{message.time:%Y-%m-%d}"].append(message)
        for day, of_day in days.items():
            self._client.put_object(
                Bucket=self._bucket,
                Key=key(day, of_day),
                Body=packed(of_day),
                ContentType="application/x-ndjson",
                ContentEncoding="gzip",
            )

    def list(self, after: str, limit: int) -> ObjectPage:
        """Keys in order, from the first that comes after `after`."""
        answer = self._client.list_objects_v2(
            Bucket=self._bucket, Prefix=PREFIX, StartAfter=after or PREFIX, MaxKeys=limit
        )
        return ObjectPage([found["Key"] for found in answer.get("Contents", [])], not answer["IsTruncated"])

    def read(self, key: str) -> Iterator[Message]:
        body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        for line in gzip.decompress(body).splitlines():
            yield Message.model_validate_json(line)


def key(day: str, messages: Sequence[Message]) -> str:
    ids = sorted({f"{message.source}#{message.id}" for message in messages})
    return f"{PREFIX}day={day}/{sha256(json.dumps(ids).encode()).hexdigest()[:32]}.ndjson.gz"


def packed(messages: Sequence[Message]) -> bytes:
    """Each once, in the order of their ids, without the time of packing: the same messages make the same bytes."""
    lines = {(message.source, message.id): _line(message) for message in messages}
    return gzip.compress("".join(f"{lines[id]}\n" for id in sorted(lines)).encode(), mtime=0)


def _line(message: Message) -> str:
    """What a product is called stands deeper in an event, and is no person's name."""
    kept = {name: value for name, value in message.data.items() if name not in PERSONAL or (message.type, name) in OURS}
    return message.model_copy(update={"data": kept}).model_dump_json()
