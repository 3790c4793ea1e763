"""Batches of which AWS takes all but one: what remains of the request, and how the answer tells of the rest."""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Merge = Callable[[Json], Json]


def leave_one_out(operation: str, request: Json) -> tuple[Json | None, Merge] | None:
    """Return the request without its last entry (None if that was all) and how to complete the answer.

    None for operations that know no partial failure.
    """
    match operation:
        case "PutEvents":
            return _put_events(request)
        case "SendMessageBatch" | "DeleteMessageBatch":
            return _message_batch(request)
        case "BatchWriteItem":
            return _batch_write(request)
        case _:
            return None


def _put_events(request: Json) -> tuple[Json | None, Merge]:
    *kept, _ = request["Entries"]
    failure = {"ErrorCode": "InternalFailure", "ErrorMessage": "An internal error occurred."}

    def merge(answer: Json) -> Json:
        return {"FailedEntryCount": 1, "Entries": [*answer.get("Entries", []), failure]}

    return (request | {"Entries": kept} if kept else None), merge


def _message_batch(request: Json) -> tuple[Json | None, Merge]:
    *kept, left = request["Entries"]
    failure = {
        "Id": left["Id"],
        "SenderFault": False,
        "Code": "InternalError",
        "Message": "An internal error occurred.",
    }

    def merge(answer: Json) -> Json:
        return {"Successful": answer.get("Successful", []), "Failed": [*answer.get("Failed", []), failure]}

    return (request | {"Entries": kept} if kept else None), merge


def _batch_write(request: Json) -> tuple[Json | None, Merge]:
    table, writes = list(request["RequestItems"].items())[-1]
    *kept, left = writes
    others = {name: items for name, items in request["RequestItems"].items() if name != table}
    remaining = others | ({table: kept} if kept else {})

    def merge(answer: Json) -> Json:
        return answer | {"UnprocessedItems": {table: [left]}}

    return (request | {"RequestItems": remaining} if remaining else None), merge
