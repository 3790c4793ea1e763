"""Event streams in DynamoDB. A save is one commit item: no outbox to fill, for the table's stream is the outbox."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import uuid4

from pydantic import TypeAdapter

from common.domain.errors import ConcurrentWrite
from common.domain.message import Event, Message, Origin
from common.infrastructure.commit import Commit
from common.infrastructure.item import from_item, to_item
from common.infrastructure.transaction import Write, refuse

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

E = TypeVar("E", bound=Event)


class DynamoRepository(Generic[E]):
    """`table` has the keys `stream` (S) and `version` (N), and nobody may update or delete in it."""

    def __init__(self, client: "DynamoDBClient", events: TypeAdapter[E], table: str) -> None:
        self._client = client
        self._events = events
        self._table = table

    def load(self, stream: str) -> list[E]:
        return [self._events.validate_json(event) for commit in self._commits(stream) for event in commit.events]

    def messages(self, stream: str, source: str) -> list[Message]:
        """The stream as others hear it, with who did it and why."""
        return [message for commit in self._commits(stream) for message in commit.messages(source)]

    def _commits(self, stream: str) -> list[Commit]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="#stream = :stream",
            ExpressionAttributeNames={"#stream": "stream"},  # a reserved word: moto lets it pass, DynamoDB does not
            ExpressionAttributeValues={":stream": {"S": stream}},
            ConsistentRead=True,
        )
        return [from_item(Commit, item) for page in pages for item in page["Items"]]

    def save(
        self, stream: str, version: int, events: Sequence[E], origin: Origin, *, also: Sequence[Write] = ()
    ) -> None:
        """Add to a stream that has `version` events, or raise ConcurrentWrite and change nothing.

        With `also`, the commit and those writes are one transaction; a condition that fails raises its `otherwise`.
        """
        commit = Commit(
            stream=stream,
            version=version + 1,
            events=[json.dumps(event.model_dump(mode="json"), ensure_ascii=False) for event in events],
            commit_id=uuid4().hex,  # new with each call, so only this call's own retries carry it
            at=datetime.now(UTC),
            origin=origin,
        )
        put: Any = {
            "TableName": self._table,
            "Item": to_item(commit),
            "ConditionExpression": "attribute_not_exists(#stream)",
            "ExpressionAttributeNames": {"#stream": "stream"},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        failed, lost = self._client.exceptions, ConcurrentWrite(f"{stream} is past version {version}")
        try:
            if also:
                self._client.transact_write_items(TransactItems=[{"Put": put}, *(write.item for write in also)])  # type: ignore[list-item]
            else:
                self._client.put_item(**put)
        except (failed.ConditionalCheckFailedException, failed.TransactionConflictException) as error:
            if not _wrote(commit, error.response):
                raise lost from error
        except failed.TransactionCanceledException as error:
            ours, *others = error.response["CancellationReasons"]
            if _wrote(commit, ours):
                return
            if ours["Code"] == "ConditionalCheckFailed":
                raise lost from error
            refuse(others, also, error)
            if ours["Code"] != "None":
                raise lost from error
            raise


def _wrote(commit: Commit, refusal: Mapping[str, Any]) -> bool:
    """The SDK sends again when an answer is lost. What stands in our way may then be our own first write."""
    return bool(refusal.get("Item", {}).get("commit_id") == {"S": commit.commit_id})
