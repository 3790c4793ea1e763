"""The rules of a coupon. Pure: no clock, no random ids, no AWS. What is on a coupon never changes."""

from catalog.coupon.commands import CreateCoupon
from catalog.coupon.events import AnyCouponEvent, CouponCreated
from common.domain.decider import Decider
from common.domain.errors import Conflict

State = CouponCreated | None


class CodeTaken(Conflict): ...


def decide(command: CreateCoupon, state: State) -> list[AnyCouponEvent]:
    """Return what happens, or [] if it is already so, or raise if it may not."""
    if state is None:
        return [CouponCreated(coupon=command.coupon, request_id=command.request_id, at=command.at)]
    if state.request_id == command.request_id:
        return []
    raise CodeTaken(f"{command.coupon.code} is the code of another coupon.", field="code")


def evolve(state: State, event: AnyCouponEvent) -> State:
    return event


decider: Decider[CreateCoupon, State, AnyCouponEvent] = Decider(None, decide, evolve)
