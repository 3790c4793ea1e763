"""What moto works out anew for every request, or for every message that waits, worked out once."""

import string
import sys
import time
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import moto.core.responses as responses
from jsonpath_ng.ext.parser import parse
from moto.core import utils
from moto.core.serialize import AttributePicker
from moto.moto_api._internal.moto_random import MotoRandom
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Message, Queue, SQSBackend
from moto.stepfunctions.parser.asl.utils import json_path


def install() -> None:
    _names()
    _attribute_values()
    _request_ids()
    _paths()
    _retention()
    _now()
    _waiting_messages()


def _names() -> None:
    """The names of operations and of the methods that answer them."""
    underscores = utils.camelcase_to_underscores
    remembered = lru_cache(maxsize=4096)(underscores)
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and getattr(module, "camelcase_to_underscores", None) is underscores:
            module.camelcase_to_underscores = remembered  # type: ignore[attr-defined]
    responses.method_names_from_class = cache(utils.method_names_from_class)


def _attribute_values() -> None:
    """DynamoDB's values are plain dicts with the API's own names; moto would look for each by seven spellings."""
    pick = AttributePicker.__call__

    def pick_plainly(self: AttributePicker, context: Any) -> Any:
        parent = getattr(context.shape, "parent", None)
        if parent is not None and parent.name == "AttributeValue":
            return context.obj.get(context.key)
        return pick(self, context)

    AttributePicker.__call__ = pick_plainly


def _request_ids() -> None:
    def get_random_string(
        self: MotoRandom, length: int = 20, include_digits: bool = True, lower_case: bool = False
    ) -> str:
        pool = string.ascii_letters + (string.digits if include_digits else "")
        drawn = "".join(self.choices(pool, k=length))
        return drawn.lower() if lower_case else drawn

    def get_random_hex(self: MotoRandom, length: int = 8) -> str:
        return "".join(self.choices("0123456789abcdef", k=length))

    MotoRandom.get_random_string, MotoRandom.get_random_hex = get_random_string, get_random_hex


def _paths() -> None:
    json_path.parse = lru_cache(maxsize=1024)(parse)


def _retention() -> None:
    """moto asks for all of a queue's attributes, for each message that is received, to learn one."""

    def still_kept(self: SQSBackend, queue_name: str, message: Any) -> bool:
        kept_for = float(self.get_queue(queue_name).message_retention_period)
        return bool(kept_for + message.sent_timestamp / 1000 > time.time())

    SQSBackend.is_message_valid_based_on_retention_period = still_kept


def _now() -> None:
    """moto makes three calendar dates to learn the time, and asks twice for each message that waits."""
    of_date = utils.unix_time

    def unix_time(dt: datetime | None = None) -> float:
        return time.time() if dt is None else of_date(dt)

    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and getattr(module, "unix_time", None) is of_date:
            module.unix_time = unix_time  # type: ignore[attr-defined]


def _waiting_messages() -> None:
    """A queue costs what is taken from it, not what waits: the time is asked once; what was received is in front."""

    def messages(self: Queue) -> list[Message]:
        now = utils.unix_time_millis()
        return [one for one in self._messages if now > one.visible_at and now >= one.delayed_until]

    def delayed(self: Queue) -> int:
        now = utils.unix_time_millis()
        return sum(now < one.delayed_until for one in self._messages)

    def not_visible(self: Queue) -> int:
        now = utils.unix_time_millis()
        return sum(now <= one.visible_at for one in self._messages)

    def delete_message(self: Queue, receipt_handle: str) -> None:
        if receipt_handle in self.deleted_messages:
            return
        for place, message in enumerate(self._messages):
            if message.had_receipt_handle(receipt_handle):
                self.pending_messages.discard(message)
                self.deleted_messages.update(handle for handle in message.all_receipt_handles if handle)
                del self._messages[place]
                return
        raise ReceiptHandleIsInvalid()

    Queue.messages = property(messages)
    Queue.approximate_number_of_messages_delayed = property(delayed)
    Queue.approximate_number_of_messages_not_visible = property(not_visible)
    Queue.delete_message = delete_message
