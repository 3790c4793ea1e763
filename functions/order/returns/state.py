"""A return as the order's events have made it.

requested ─▶ approved ─▶ received ─▶ completed
    └──────▶ rejected
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from common.domain.money import Money
from order.returns.events import (
    AnyReturnEvent,
    ReturnApproved,
    ReturnCompleted,
    ReturnReceived,
    ReturnRejected,
    ReturnRequested,
)
from order.units import Units

ReturnStatus = Literal["requested", "approved", "rejected", "received", "completed"]


@dataclass(frozen=True)
class Return:
    requested: ReturnRequested
    updated_at: datetime
    status: ReturnStatus = "requested"
    received: tuple[Units, ...] | None = None
    refund: Money | None = None

    @property
    def claims(self) -> tuple[Units, ...]:
        """What no other return of the order may have: what came, or else what was promised."""
        if self.status == "rejected":
            return ()
        return self.requested.items if self.received is None else self.received


Returns = Mapping[str, Return]  # by id


def evolve_returns(returns: Returns, event: AnyReturnEvent) -> Returns:
    if isinstance(event, ReturnRequested):
        return {**returns, event.return_id: Return(event, event.at)}
    found = replace(returns[event.return_id], updated_at=event.at)
    match event:
        case ReturnApproved():
            found = replace(found, status="approved")
        case ReturnRejected():
            found = replace(found, status="rejected")
        case ReturnReceived():
            found = replace(found, status="received", received=event.items, refund=event.refund)
        case ReturnCompleted():
            found = replace(found, status="completed")
        case _:
            assert_never(event)
    return {**returns, event.return_id: found}
