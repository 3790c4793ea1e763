"""What an order asks shipping while a customer waits: has anything left?

Order hears of a departure from shipping's events, a second or two after it. Who cancels in between is told at once that
it is too late, because shipping is asked. No answer is not a no: then the cancellation is taken, and its saga finds
out, as it does when goods leave after the question (docs/decisions/0015).
"""

from common.domain.message import Origin
from common.infrastructure.functions import Function


class Departures:
    """`shipping` takes its tasks."""

    def __init__(self, shipping: Function) -> None:
        self._shipping = shipping

    def known(self, order_id: str, origin: Origin) -> bool:
        """Whether goods of the order have left for certain."""
        question = {"type": "HasAnythingLeft", "order_id": order_id}
        answer = self._shipping.ask({"command": question, "origin": origin.model_dump(mode="json")})
        return answer is not None and bool(answer["left"])
