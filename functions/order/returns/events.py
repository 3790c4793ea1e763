"""What has happened to a return. Stored for ever: add fields with defaults, rename nothing.

The saga `return_order` waits for staff twice: for their decision, and for the goods.
"""

from typing import Literal

from common.domain.message import Event
from common.domain.money import Money
from order.units import Units


class ReturnEvent(Event):
    order_id: str
    customer_id: str
    return_id: str


class ReturnRequested(ReturnEvent):
    type: Literal["ReturnRequested"] = "ReturnRequested"
    items: tuple[Units, ...]
    reason: str
    saga: Literal["return_order"] = "return_order"


class ReturnApproved(ReturnEvent):
    type: Literal["ReturnApproved"] = "ReturnApproved"


class ReturnRejected(ReturnEvent):
    type: Literal["ReturnRejected"] = "ReturnRejected"


class ReturnReceived(ReturnEvent):
    """What came, perhaps less than was promised, and what the customer gets for it."""

    type: Literal["ReturnReceived"] = "ReturnReceived"
    items: tuple[Units, ...]
    refund: Money


class ReturnCompleted(ReturnEvent):
    """The money is back, and the goods are in stock again."""

    type: Literal["ReturnCompleted"] = "ReturnCompleted"


AnyReturnEvent = ReturnRequested | ReturnApproved | ReturnRejected | ReturnReceived | ReturnCompleted
