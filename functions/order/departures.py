"""Shipping is told to keep the goods before an order says that it is being cancelled.

Whether an order is cancelled or leaves is decided in shipping's stream. Order would hear of it a second or two later,
so whoever cancels waits for shipping, and is told at once when it is too late: then nothing has changed. When shipping
has agreed, nothing can leave any more; should order fall over before it has written that down, it hears of it from
shipping's event (`hearing`). No answer is neither: then the cancellation is taken, and its saga finds out
(docs/decisions/0015).
"""

from datetime import datetime

from common.domain.message import Origin
from common.infrastructure.functions import Function

TOO_LATE = "ShipmentAlreadyDispatched"


class Departures:
    """`shipping` takes its tasks."""

    def __init__(self, shipping: Function) -> None:
        self._shipping = shipping

    def prevent(self, order_id: str, reason: str | None, at: datetime, origin: Origin) -> bool | None:
        """False: none has left, and none will. True: some of it has left, or is about to. None: nobody knows."""
        command = {"type": "CancelShipment", "order_id": order_id, "reason": reason, "at": at.isoformat()}
        answer = self._shipping.ask({"command": command, "origin": origin.model_dump(mode="json")})
        if answer is None or answer.error not in (None, TOO_LATE):
            return None
        return answer.error == TOO_LATE
