"""Rows beside the event streams: state, projections, indexes. Keys `pk` and `sk`; plain Python in and out.

Two indexes, `gsi1` and `gsi2` (`gsi1pk`, `gsi1sk` and so on), hold only the rows that set those attributes.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from boto3.dynamodb.types import Binary

from common.infrastructure.item import from_values, to_values
from common.infrastructure.transaction import Write, commit, expression, outrun

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Row = dict[str, Any]
THE_ONE = "-"  # the sort key of a row that is alone under its partition key
MAX_WRITES = 25  # the service's limit for one BatchWriteItem call


class Page(NamedTuple):
    rows: list[Row]
    after: dict[str, Any] | None  # where the next page starts


class Rows:
    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self.table = table

    def get(self, pk: str, sk: str = THE_ONE) -> Row | None:
        """Strongly consistent."""
        answer = self._client.get_item(TableName=self.table, Key=_key(pk, sk), ConsistentRead=True)
        return _plain(answer["Item"]) if "Item" in answer else None

    def get_all(self, keys: Iterable[tuple[str, str]]) -> list[Row]:
        """Those that exist, in no order. At most 100."""
        wanted: list[Any] = [_key(*key) for key in keys]
        found: list[Row] = []
        while wanted:
            answer = self._client.batch_get_item(RequestItems={self.table: {"Keys": wanted, "ConsistentRead": True}})
            found += [_plain(item) for item in answer["Responses"].get(self.table, [])]
            wanted = [key for left in answer["UnprocessedKeys"].values() for key in left["Keys"]]
        return found

    def put(self, row: Mapping[str, Any], condition: str = "", /, **values: Any) -> bool:
        """Write it, and say whether the condition held."""
        try:
            self._client.put_item(TableName=self.table, Item=to_values(row), **expression(condition, values))
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        except self._client.exceptions.TransactionConflictException as error:
            raise outrun() from error
        return True

    def project(self, row: Mapping[str, Any], version: int) -> bool:
        """Keep the row if it is newer than what stands there: a projection never goes back."""
        newer = "attribute_not_exists(#pk) OR #version < :version"
        return self.put({**row, "version": version}, newer, version=version)

    def update(self, pk: str, sk: str, change: str, condition: str = "", /, **values: Any) -> Row | None:
        """The row after the change, or None when the condition did not hold. A bare ADD counts retries twice."""
        try:
            answer = self._client.update_item(
                TableName=self.table,
                Key=_key(pk, sk),
                UpdateExpression=change,
                ReturnValues="ALL_NEW",
                **expression(condition, values, also_in=change),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        except self._client.exceptions.TransactionConflictException as error:
            raise outrun() from error
        return _plain(answer["Attributes"])

    def commit(self, writes: Sequence[Write]) -> None:
        """All of them or none."""
        commit(self._client, writes)

    def put_all(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Each by itself, without conditions, in few requests. What a request leaves out is sent again."""
        self._write_all([{"PutRequest": {"Item": to_values(row)}} for row in rows])

    def delete_all(self, keys: Iterable[tuple[str, str]]) -> None:
        """Likewise. No key may be there twice."""
        self._write_all([{"DeleteRequest": {"Key": _key(*key)}} for key in keys])

    def _write_all(self, waiting: list[Any]) -> None:
        while waiting:
            now, waiting = waiting[:MAX_WRITES], waiting[MAX_WRITES:]
            left = self._client.batch_write_item(RequestItems={self.table: now})["UnprocessedItems"]
            waiting += left.get(self.table, [])

    def some(self, limit: int, after: Mapping[str, Any] | None) -> Page:
        """Of all rows, a page. It scans, for who clears up."""
        start: Any = {"ExclusiveStartKey": to_values(after)} if after else {}
        answer = self._client.scan(TableName=self.table, Limit=limit, ConsistentRead=True, **start)
        last = answer.get("LastEvaluatedKey")
        return Page([_plain(item) for item in answer["Items"]], _plain(last) if last else None)

    def delete(self, pk: str, sk: str = THE_ONE, condition: str = "", **values: Any) -> bool:
        """Remove it, and say whether the condition held."""
        try:
            self._client.delete_item(TableName=self.table, Key=_key(pk, sk), **expression(condition, values))
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        except self._client.exceptions.TransactionConflictException as error:
            raise outrun() from error
        return True

    def query(
        self,
        pk: str,
        *,
        index: str | None = None,
        prefix: str = "",
        between: tuple[str, str] | None = None,
        limit: int | None = None,
        after: Mapping[str, Any] | None = None,
        newest_first: bool = False,
        filters: Sequence[str] = (),
        **values: Any,
    ) -> Page:
        """One page of a partition. An index is read eventually consistent, the table strongly."""
        names, condition, given = {"#p": f"{index or ''}pk"}, "#p = :pk", {"pk": pk, **values}
        if between or prefix:
            names["#s"] = f"{index or ''}sk"
        if between:
            condition, given = (
                f"{condition} AND #s BETWEEN :low AND :high",
                given | dict(zip(("low", "high"), between, strict=True)),
            )
        elif prefix:
            condition, given = f"{condition} AND begins_with(#s, :prefix)", given | {"prefix": prefix}
        request: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": condition,
            "ScanIndexForward": not newest_first,
            "ConsistentRead": index is None,
        }
        if index:
            request["IndexName"] = index
        if limit:
            request["Limit"] = limit
        if after:
            request["ExclusiveStartKey"] = to_values(after)
        if filters:
            request["FilterExpression"] = " AND ".join(filters)
            names |= expression(request["FilterExpression"], {}).get("ExpressionAttributeNames", {})
        request["ExpressionAttributeNames"] = names
        request["ExpressionAttributeValues"] = {f":{name}": value for name, value in to_values(given).items()}
        answer = self._client.query(**request)
        last = answer.get("LastEvaluatedKey")
        return Page([_plain(item) for item in answer["Items"]], _plain(last) if last else None)

    def every(self, pk: str, **how: Any) -> Iterable[Row]:
        """All rows of a partition, page after page."""
        page = self.query(pk, **how)
        yield from page.rows
        while page.after:
            page = self.query(pk, after=page.after, **how)
            yield from page.rows


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _plain(item: Mapping[str, Any]) -> Row:
    return {name: _simple(value) for name, value in from_values(item).items()}


def _simple(value: Any) -> Any:
    """Numbers are whole; a set is a list here, in order; binary is bytes."""
    match value:
        case Decimal():
            return int(value)
        case Binary():
            return bytes(value.value)  # type: ignore[attr-defined]
        case set():
            return sorted(map(_simple, value))
        case dict():
            return {name: _simple(one) for name, one in value.items()}
        case list():
            return [_simple(one) for one in value]
        case _:
            return value
