"""Writes that belong together: one call, all or nothing, and an answer that is read by position."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from common.application.ports import Write as Write
from common.domain.errors import ConcurrentWrite, DomainError
from common.infrastructure.item import to_values

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RACED = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


# Names in expressions are always `#name`: many plain ones are reserved words on AWS.


def put(table: str, row: Mapping[str, Any], otherwise: DomainError, condition: str = "", /, **values: Any) -> Write:
    """`row` in plain Python. `values` fill the `:placeholders` of the condition."""
    return Write({"Put": {"TableName": table, "Item": to_values(row), **expression(condition, values)}}, otherwise)


def update(
    table: str, key: Mapping[str, Any], change: str, otherwise: DomainError, condition: str = "", /, **values: Any
) -> Write:
    """`change` is an update expression, such as `SET #reserved = #reserved + :quantity`."""
    how = {"UpdateExpression": change, **expression(condition, values, also_in=change)}
    return Write({"Update": {"TableName": table, "Key": to_values(key), **how}}, otherwise)


def delete(table: str, key: Mapping[str, Any], otherwise: DomainError, condition: str = "", /, **values: Any) -> Write:
    return Write({"Delete": {"TableName": table, "Key": to_values(key), **expression(condition, values)}}, otherwise)


def check(table: str, key: Mapping[str, Any], otherwise: DomainError, condition: str, /, **values: Any) -> Write:
    how = expression(condition, values)
    return Write({"ConditionCheck": {"TableName": table, "Key": to_values(key), **how}}, otherwise)


def expression(condition: str, values: Mapping[str, Any], also_in: str = "") -> dict[str, Any]:
    """What a request needs beside the condition: `#name` stands for the attribute `name`."""
    parts: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
    if names := re.findall(r"#(\w+)", f"{condition} {also_in}"):
        parts["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    if values:
        parts["ExpressionAttributeValues"] = {f":{name}": value for name, value in to_values(values).items()}
    return parts


MISSING = "attribute_not_exists(#pk)"


def commit(client: "DynamoDBClient", writes: Sequence[Write]) -> None:
    """All or none. Raise the `otherwise` of the first whose condition failed, or ConcurrentWrite when outrun."""
    failed = client.exceptions
    try:
        client.transact_write_items(TransactItems=[write.item for write in writes])  # type: ignore[misc]
    except failed.TransactionCanceledException as error:
        refuse(error.response["CancellationReasons"], writes, error)
        raise


def refuse(reasons: Sequence[Mapping[str, Any]], writes: Sequence[Write], cause: Exception) -> None:
    for write, reason in zip(writes, reasons, strict=True):
        if reason["Code"] == "ConditionalCheckFailed":
            raise write.otherwise from cause
    if {reason["Code"] for reason in reasons} & RACED:
        raise outrun() from cause


def outrun() -> ConcurrentWrite:
    return ConcurrentWrite("Others write to the same place. Try again.")
