"""The outbox is the event table itself. Its stream is what normally reads it; this is for when the stream gave up."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from common.infrastructure.commit import Commit
from common.infrastructure.item import from_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class CommitPage(NamedTuple):
    commits: list[Commit]
    after: dict[str, Any] | None  # where the next page starts, as JSON


class Outbox:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def committed(self, since: datetime, until: datetime) -> Iterator[Commit]:
        """What was written between the two. It scans: publishing again is rare, an index for it is paid for daily."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="#at BETWEEN :since AND :until",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues={":since": {"S": _text(since)}, ":until": {"S": _text(until)}},
        )
        commits = [from_item(Commit, item) for page in pages for item in page["Items"]]
        yield from sorted(commits, key=lambda commit: (commit.at, commit.stream, commit.version))

    def some(self, limit: int, after: dict[str, Any] | None) -> CommitPage:
        """Of all that was ever committed, a page; streams in no order. It scans, for who makes something anew."""
        start: Any = {"ExclusiveStartKey": after} if after else {}
        answer = self._client.scan(TableName=self._table, Limit=limit, ConsistentRead=True, **start)
        commits = [from_item(Commit, item) for item in answer["Items"]]
        return CommitPage(commits, dict(answer["LastEvaluatedKey"]) if "LastEvaluatedKey" in answer else None)


def _text(at: datetime) -> str:
    """As pydantic writes it: comparable as text, but for fractions of a second, which the margins swallow."""
    return at.isoformat().replace("+00:00", "Z")
