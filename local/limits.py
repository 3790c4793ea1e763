"""AWS's own limits, where moto has none. What passes here would pass there."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from local.api_call import ApiCall
from local.aws_error import AwsError

KB: Final = 1024
ITEM: Final = 400 * KB
TRANSACTION: Final = 4 * KB * KB
MESSAGE: Final = 256 * KB
ENTRIES: Final = 10
KMS_MESSAGE: Final = 4096
PAYLOAD: Final = 6 * KB * KB
ASYNC_PAYLOAD: Final = 256 * KB

EXPRESSIONS: Final = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
LANGUAGE: Final = {"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN"}

Parameters = Mapping[str, Any]


def check(call: ApiCall) -> None:
    """Raise AwsError for what AWS would refuse."""
    if test := BY_SERVICE.get(call.service):
        test(call.operation, call.parameters)


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def _dynamodb(operation: str, parameters: Parameters) -> None:
    match operation:
        case "TransactWriteItems" | "TransactGetItems":
            parts = [part for item in parameters["TransactItems"] for part in item.values()]
            if len(parts) > 100:
                raise _invalid("Member must have length less than or equal to 100")
            if sum(_size(part.get("Item", part.get("ExpressionAttributeValues", {}))) for part in parts) > TRANSACTION:
                raise _invalid("Transaction request cannot be larger than 4 MB")
        case "BatchWriteItem":
            writes = [one for items in parameters["RequestItems"].values() for one in items]
            if not 1 <= len(writes) <= 25:
                raise _invalid("Too many items requested for the BatchWriteItem call")
            parts = [next(iter(one.values())) for one in writes]
        case "BatchGetItem":
            if sum(len(one["Keys"]) for one in parameters["RequestItems"].values()) > 100:
                raise _invalid("Too many items requested for the BatchGetItem call")
            parts = list(parameters["RequestItems"].values())
        case _:
            parts = [parameters]
    for part in parts:
        if _size(part.get("Item", {})) > ITEM:
            raise _invalid("Item size has exceeded the maximum allowed size")
        _expressions(part)


def _size(value: Any) -> int:
    """An item's size as DynamoDB counts it, near enough: names and values in UTF-8, two digits to the byte."""
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, list):
        return 3 + sum(1 + _attribute(one) for one in value)
    return sum(len(name.encode()) + _attribute(one) for name, one in value.items())


def _attribute(value: Mapping[str, Any]) -> int:
    [(kind, inside)] = value.items()
    match kind:
        case "N":
            return len(str(inside)) // 2 + 2
        case "BOOL" | "NULL":
            return 1
        case "M":
            return 3 + len(inside) + _size(inside)
        case "SS" | "NS" | "BS":
            return sum(len(one) for one in inside)
        case _:
            return _size(inside)


def _expressions(parameters: Parameters) -> None:
    used: set[str] = set()
    for name in EXPRESSIONS:
        if name in parameters:
            bare, placeholders = _words(parameters[name])
            used |= placeholders
            for word in bare:
                raise _invalid(f"Invalid {name}: Attribute name is a reserved keyword; reserved keyword: {word}")
    for name in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        if unused := parameters.get(name, {}).keys() - used:
            keys = ", ".join(sorted(unused))
            raise _invalid(f"Value provided in {name} unused in expressions: keys: {{{keys}}}")


@lru_cache(maxsize=1024)
def _words(expression: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The reserved words that stand there as attributes, and the placeholders."""
    reserved = {word.upper() for word in ReservedKeywords.get_reserved_keywords()}
    found = re.findall(r"[#:]?\w+(?:\s*\()?", expression)
    names = [word for word in found if word[0] not in "#:" and not word.endswith("(")]
    bare = tuple(word for word in names if word.upper() in reserved and word.upper() not in LANGUAGE)
    return bare, frozenset(word.rstrip("( ") for word in found if word[0] in "#:")


def _events(operation: str, parameters: Parameters) -> None:
    if operation == "PutEvents":
        entries = parameters["Entries"]
        if len(entries) > ENTRIES:
            raise AwsError("ValidationException", "Member must have length less than or equal to 10")
        if sum(sum(_entry(entry)) for entry in entries) > MESSAGE:
            raise AwsError("ValidationException", "Total size of the entries in the request is over the limit.")


def _entry(entry: Mapping[str, Any]) -> Iterator[int]:
    yield 14 if "Time" in entry else 0
    for name in ("Source", "DetailType", "Detail"):
        yield len(str(entry.get(name, "")).encode())
    yield from (len(one.encode()) for one in entry.get("Resources", []))


def _sqs(operation: str, parameters: Parameters) -> None:
    entries = parameters.get("Entries", [parameters])
    if len(entries) > ENTRIES:
        raise AwsError(
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10."
        )
    if sum(len(entry.get("MessageBody", "").encode()) for entry in entries) > MESSAGE:
        raise AwsError("InvalidParameterValue", f"Message must be shorter than {MESSAGE} bytes.")


def _kms(operation: str, parameters: Parameters) -> None:
    message = parameters.get("Message", parameters.get("Plaintext", b""))
    if operation in ("Sign", "Verify", "Encrypt", "GenerateMac", "VerifyMac") and len(message) > KMS_MESSAGE:
        raise AwsError("ValidationException", "Member must have length less than or equal to 4096")


def _stepfunctions(operation: str, parameters: Parameters) -> None:
    if len(str(parameters.get("input", parameters.get("output", ""))).encode()) > MESSAGE:
        raise AwsError("InvalidExecutionInput", "The input is longer than 262144 bytes.")


def _lambda(operation: str, parameters: Parameters) -> None:
    payload = parameters.get("Payload", b"")
    size = len(payload.encode() if isinstance(payload, str) else payload) if isinstance(payload, str | bytes) else 0
    if size > (ASYNC_PAYLOAD if parameters.get("InvocationType") == "Event" else PAYLOAD):
        raise AwsError("RequestTooLargeException", "Request must be smaller than 6291456 bytes", 413)


BY_SERVICE: Final[Mapping[str, Callable[[str, Parameters], None]]] = {
    "dynamodb": _dynamodb,
    "events": _events,
    "sqs": _sqs,
    "kms": _kms,
    "stepfunctions": _stepfunctions,
    "lambda": _lambda,
}
