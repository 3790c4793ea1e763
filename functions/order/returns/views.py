"""A return as its customer and staff see it."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from common.domain.money import Money
from order.returns.state import Return, ReturnStatus
from order.units import Units


class ReturnView(BaseModel):
    return_id: str
    order_id: str
    status: ReturnStatus
    items: list[Units]
    received: Annotated[list[Units] | None, Field(exclude_if=lambda received: received is None)] = None
    refund: Annotated[Money | None, Field(exclude_if=lambda refund: refund is None)] = None
    reason: str
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def of(cls, found: Return) -> "ReturnView":
        asked = found.requested
        return cls(
            return_id=asked.return_id,
            order_id=asked.order_id,
            status=found.status,
            items=list(asked.items),
            received=None if found.received is None else list(found.received),
            refund=found.refund,
            reason=asked.reason,
            created_at=asked.at,
            updated_at=found.updated_at,
        )
