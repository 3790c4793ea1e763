"""DynamoDB's units of a request, and which rows take them.

size      docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html: names and values in
          UTF-8, a number half a byte a digit and one, a list or map 3 and 1 for each element
write     1 KB a unit, twice that in a transaction; each index that an item is in takes the same again
read      4 KB a unit; half of that, eventually consistent, when an index is read

An update or a deletion is taken for one of a small item in no index: requests do not say what stands there.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

KB = 1024


class Written(NamedTuple):
    domain: str
    row: str  # its table, and its kind: what its keys begin with, or the first event of a commit
    units: float


def written(operation: str, request: Mapping[str, Any]) -> Iterator[Written]:
    """Each row that a request writes."""
    match operation:
        case "PutItem" | "UpdateItem" | "DeleteItem":
            yield _one(request, 1)
        case "TransactWriteItems":
            for item in request["TransactItems"]:
                (write,) = item.values()
                yield _one(write, 2)
        case "BatchWriteItem":
            for table, writes in request["RequestItems"].items():
                for kind in writes:
                    (write,) = kind.values()
                    yield _one({"TableName": table, **write}, 1)


def _one(write: Mapping[str, Any], times: int) -> Written:
    item = write.get("Item")
    units = math.ceil(size(item) / KB) * (1 + _indexes(item)) if item else 1
    table = write["TableName"].removeprefix("commerce-")
    return Written(table.partition("-")[0], f"{table} {_kind(item or write['Key'])}", units * times)


def _indexes(item: Mapping[str, Any]) -> int:
    return sum(f"gsi{number}pk" in item for number in (1, 2))


def _kind(item: Mapping[str, Any]) -> str:
    if "events" in item:
        found = re.search(r'"type": ?"(\w+)"', item["events"]["L"][0]["S"])
        return found[1] if found else "?"
    keys = [item[name]["S"].partition("#")[0] for name in ("pk", "sk") if name in item]
    return " ".join("…" if any(map(str.isdigit, key)) else key for key in keys)


def size(item: Mapping[str, Any]) -> int:
    """Bytes of an item."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(value: Mapping[str, Any]) -> int:
    match next(iter(value.items())):
        case "S", text:
            return len(text.encode())
        case "N", number:
            return len(str(number).strip("-.")) // 2 + 2
        case "B", data:
            return len(data)
        case "M", members:
            return 3 + len(members) + size(members)
        case "L", elements:
            return 3 + sum(1 + _value(element) for element in elements)
        case (("SS" | "NS" | "BS"), elements):
            return sum(map(len, elements))
    return 1  # BOOL, NULL


def read(operation: str, request: Mapping[str, Any]) -> float:
    match operation:
        case "GetItem":
            return 1
        case "Query":
            return 0.5 if "IndexName" in request else 1
        case "BatchGetItem":
            return sum(len(one["Keys"]) for one in request["RequestItems"].values())
    return 0
