"""Corrections to moto's state and registries. Delivery is never moto's: it hands over to `moto_hooks`.

Each correction leans on a private internal; tests/unit/local/test_moto_patches.py says which, by name.
"""

import copy
import json
import time
from functools import cache
from types import SimpleNamespace
from typing import Any

import moto.dynamodb.models as dynamodb
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.core.base_backend import BackendDict
from moto.core.config import default_user_config
from moto.core.model_instances import reset_model_data
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table
from moto.dynamodb.responses import DynamoHandler
from moto.events.models import Rule
from moto.sqs.models import Queue

from local import moto_buckets, moto_sagas, moto_speed
from local.moto_hooks import connected, current
from local.moto_state import backend

RECORDS_KEPT = 1000  # of a stream, behind the slowest reader
TOKEN_LIFETIME = 600  # seconds that DynamoDB remembers a ClientRequestToken


class IdempotentParameterMismatch(Exception):
    """The same ClientRequestToken came with another transaction."""


_tokens: dict[str, tuple[float, str]] = {}


@cache
def install() -> None:
    """Correct moto, once per process."""
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    _transactions()
    _queries()
    _streams()
    _queues()
    _rules()
    _functions()
    moto_buckets.install()
    moto_speed.install()
    moto_sagas.install()


def reset() -> None:
    """Forget all that was created and sent."""
    BackendDict.reset()
    reset_model_data()
    backend.cache_clear()
    _tokens.clear()


def _transactions() -> None:
    """An undo log of the named items instead of deep copies of their tables; nothing in a stream when cancelled."""
    uncorrected = DynamoDBBackend.transact_write_items
    # moto copies tables with its module's `copy.deepcopy`; a table that is handed back as it is costs nothing.
    dynamodb.copy = SimpleNamespace(
        deepcopy=lambda it, *memo: it if isinstance(it, Table) else copy.deepcopy(it, *memo), copy=copy.copy
    )

    def transact_write_items(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        undo = [_undo(self, *next(iter(item.items()))) for item in transact_items]
        lengths = {table: len(table.stream_shard.items) for table in self.tables.values() if table.stream_shard}
        try:
            uncorrected(self, transact_items)
        except Exception:
            for restore in reversed(undo):
                restore()
            for table, length in lengths.items():
                assert table.stream_shard
                del table.stream_shard.items[length:]
            raise

    DynamoDBBackend.transact_write_items = transact_write_items


def _undo(backend: DynamoDBBackend, kind: str, operation: dict[str, Any]) -> Any:
    table = backend.tables.get(operation.get("TableName", ""))
    attributes = operation.get("Key") or operation.get("Item") or {}
    if table is None or kind == "ConditionCheck" or table.hash_key_attr not in attributes:
        return lambda: None
    partition = DynamoType(attributes[table.hash_key_attr])
    if table.range_key_attr is None:
        items, key = table.items, partition
    elif table.range_key_attr in attributes:
        items, key = table.items[partition], DynamoType(attributes[table.range_key_attr])
    else:
        return lambda: None
    before = copy.deepcopy(items.get(key))

    def restore() -> None:
        if before is None:
            items.pop(key, None)
        else:
            items[key] = before

    return restore


def remember_token(token: str, items: str) -> bool:
    """True if this very transaction was already done under the token; raise if another one was."""
    now = time.time()
    seen = _tokens.get(token)
    if seen is None or now - seen[0] >= TOKEN_LIFETIME:
        return False
    if seen[1] != items:
        raise IdempotentParameterMismatch
    return True


def _queries() -> None:
    """A query looks only at what its keys name; moto would sort the whole table first."""
    query, all_items = Table.query, Table.all_items
    chosen: list[list[Any]] = []

    def of_keys_only(self: Table, hash_key: DynamoType, *args: Any, **kwargs: Any) -> Any:
        index = kwargs.get("index_name") or (args[6] if len(args) > 6 else None)
        keys = kwargs.get("hash_key_conditions") or ()
        chosen.append(_with_keys(self, dict(keys)) if index else _in_partition(self, hash_key))
        try:
            return query(self, hash_key, *args, **kwargs)
        finally:
            chosen.pop()

    def chosen_items(self: Table) -> Any:
        return chosen[-1] if chosen else all_items(self)

    Table.query, Table.all_items = of_keys_only, chosen_items


def _in_partition(table: Table, key: DynamoType) -> list[Any]:
    partition: Any = table.items.get(key)
    if not partition:
        return []
    return list(partition.values()) if table.range_key_attr else [partition]


def _with_keys(table: Table, keys: dict[str, DynamoType]) -> list[Any]:
    partitions: Any = table.items.values()
    items = (item for part in partitions for item in (part.values() if table.range_key_attr else (part,)))
    return [item for item in items if all(n in item.attrs and item.attrs[n] == value for n, value in keys.items())]


def _forgotten(shard: StreamShard) -> int:
    return int(getattr(shard, "forgotten", 0))


class StreamReader:
    """One reader's place in a table's stream. What all readers have left far behind is forgotten."""

    def __init__(self, table: str) -> None:
        self._table = table
        self.position = 0
        vars(self._shard).setdefault("readers", []).append(self)

    @property
    def _shard(self) -> StreamShard:
        return backend("dynamodb").tables[self._table].stream_shard

    @property
    def end(self) -> int:
        return _forgotten(self._shard) + len(self._shard.items)

    def next(self, most: int) -> list[StreamRecord]:
        first = self.position - _forgotten(self._shard)
        records: list[StreamRecord] = self._shard.items[first : first + most]
        return records

    def advance(self, count: int) -> None:
        self.position += count
        shard = self._shard
        behind = min(reader.position for reader in shard.readers) - _forgotten(shard) - RECORDS_KEPT
        if behind > RECORDS_KEPT:
            del shard.items[:behind]
            shard.forgotten = _forgotten(shard) + behind


def _streams() -> None:
    """No record for a write that changed nothing; the carriers are told, and called later."""

    def add(self: StreamShard, old: Any, new: Any) -> None:
        if old is not None and new is not None and old.attrs == new.attrs:
            return
        name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        assert self.table.stream_specification
        kind = self.table.stream_specification["StreamViewType"]
        number = self.starting_sequence_number + _forgotten(self) + len(self.items)
        self.items.append(StreamRecord(self.table, kind, name, old, new, number))
        if hooks := current():
            hooks.on_record(self.table.name)

    def get(self: StreamShard, start: int, quantity: int) -> list[dict[str, Any]]:
        first = max(start - self.starting_sequence_number - _forgotten(self), 0)
        return [item.to_json() for item in self.items[first : first + quantity]]

    StreamShard.add, StreamShard.get = add, get

    update = DynamoDBBackend.update_item

    def update_item(self: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """moto first puts an item that is new, then updates it: that is one write, or none."""
        table = self.get_table(table_name)
        records = table.stream_shard.items if table.stream_shard else []
        undo, length = _undo(self, "Update", {"TableName": table_name, "Key": key}), len(records)
        try:
            item = update(self, table_name, key, *args, **kwargs)
        except Exception:
            undo()
            del records[length:]
            raise
        if len(records) > length + 1:
            number = records.pop(length).record["dynamodb"]["SequenceNumber"]
            records[length].record["dynamodb"]["SequenceNumber"] = number
        return item

    DynamoDBBackend.update_item = update_item

    handled = DynamoHandler.transact_write_items

    def once_per_token(self: DynamoHandler) -> Any:
        token = self.body.get("ClientRequestToken")
        items = json.dumps(self.body["TransactItems"], sort_keys=True, default=bytes.hex) if token else ""
        if token and remember_token(token, items):
            self.body = self.body | {"TransactItems": []}
        answer = handled(self)
        if token:
            _tokens.setdefault(token, (time.time(), items))
        return answer

    DynamoHandler.transact_write_items = once_per_token


def _queues() -> None:
    add_message = Queue.add_message

    def add_and_tell(self: Queue, message: Any) -> None:
        add_message(self, message)
        if hooks := current():
            hooks.on_message(self.name)

    Queue.add_message = add_and_tell


def _rules() -> None:
    uncorrected = Rule.send_to_targets

    def send_to_targets(self: Rule, original_event: Any, transform_input: bool = True) -> None:
        if hooks := current():
            hooks.on_event(self, dict(original_event))
        else:
            uncorrected(self, original_event, transform_input)

    Rule.send_to_targets = send_to_targets


def _functions() -> None:
    """Functions run in the engine; event source mappings stay in the registry and deliver nothing themselves."""
    create = LambdaBackend.create_event_source_mapping

    def register_only(self: LambdaBackend, spec: dict[str, Any]) -> Any:
        mapping = create(self, spec)
        for source in [
            *moto_backend("sqs", self).queues.values(),
            *moto_backend("dynamodb", self).tables.values(),
        ]:
            source.lambda_event_source_mappings.clear()
        return mapping

    def invoke(self: LambdaFunction, body: str, request_headers: Any, response_headers: Any) -> str | bytes:
        kind = request_headers.get("x-amz-invocation-type", "RequestResponse")
        if kind == "DryRun":
            return b""
        payload = body.encode() if isinstance(body, str) else body or b"{}"
        answer, failed = connected().invoke(self.function_name, payload, asynchronous=kind == "Event")
        if failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        return answer

    LambdaBackend.create_event_source_mapping = register_only
    LambdaFunction.invoke = invoke


def moto_backend(service: str, like: Any) -> Any:
    from moto.backends import get_backend

    return get_backend(service)[like.account_id][like.region_name]
