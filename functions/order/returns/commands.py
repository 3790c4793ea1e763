"""What may be asked about a return: by its customer, by staff, and by the saga `return_order`."""

from typing import Literal

from common.domain.message import Command
from order.units import Units


class ReturnCommand(Command):
    order_id: str
    return_id: str


class RequestReturn(ReturnCommand):
    items: tuple[Units, ...]
    reason: str


class ApproveReturn(ReturnCommand): ...


class RejectReturn(ReturnCommand): ...


class ReceiveReturn(ReturnCommand):
    """Staff have the parcel in their hands. Without items: all that was promised is in it."""

    items: tuple[Units, ...] | None = None


class AwaitStaff(ReturnCommand):
    """The saga waits until staff have said `approved` or `rejected`, or that the goods are `received`."""

    type: Literal["AwaitStaff"] = "AwaitStaff"
    waits_for: Literal["decision", "goods"]
    task_token: str


class CompleteReturn(ReturnCommand):
    type: Literal["CompleteReturn"] = "CompleteReturn"


StaffCommand = ApproveReturn | RejectReturn | ReceiveReturn
AnyReturnCommand = RequestReturn | StaffCommand | CompleteReturn
