"""A schedule in, a function of the time out: whatever has fallen due by then."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from common.domain.message import Origin
from common.entrypoint.clock import scheduled_at
from common.entrypoint.observability import Handler, observed


def sweeper_handler(name: str, sweep: Callable[[datetime, Origin], None]) -> Handler:
    """`name` is the actor of what the sweep does, as in `order.sweeper`."""

    @observed("id")
    def handler(event: dict[str, Any], context: Any) -> None:
        sweep(scheduled_at(event), Origin(actor=name, correlation_id=event["id"], causation_id=event["id"]))

    return handler
