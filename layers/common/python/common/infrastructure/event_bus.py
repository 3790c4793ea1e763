"""EventBridge, and the part of its answer that is easy to forget: some entries may have failed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from common.domain.message import Message

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

MAX_ENTRIES = 10  # the service's limit for one PutEvents call


class EventBus:
    def __init__(self, client: "EventBridgeClient", name: str) -> None:
        self._client = client
        self._name = name

    def publish(self, messages: Sequence[Message]) -> int | None:
        """Publish ten at a time, up to a refusal. Return the position of the first message refused, if any was."""
        for start in range(0, len(messages), MAX_ENTRIES):
            entries: list[Any] = [
                {"EventBusName": self._name, "Source": m.source, "DetailType": m.type, "Detail": m.model_dump_json()}
                for m in messages[start : start + MAX_ENTRIES]
            ]
            answer = self._client.put_events(Entries=entries)
            for position, entry in enumerate(answer["Entries"], start):
                if entry.get("ErrorCode"):
                    return position
        return None
