"""The rules of what comes back: given what happened, when something is asked, then this happens or is refused."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from common.domain.errors import NotFound
from order.decider import decider
from order.events import OrderReturned
from order.pricing import cost_of
from order.returns.commands import ApproveReturn, CompleteReturn, ReceiveReturn, RejectReturn, RequestReturn
from order.returns.decider import MoreThanBought, MoreThanPromised, NotReturnable, ReturnNotOpen
from order.returns.events import ReturnApproved, ReturnCompleted, ReturnReceived, ReturnRejected, ReturnRequested
from order.units import Units
from tests.unit.order.given import CONFIRMED, DELIVERED, IT, PARKED, PLACED, SHIPPED, WHOSE, euro

ARRIVED = [PLACED, CONFIRMED, SHIPPED, DELIVERED]
ONE, TWO = (Units(sku="mug", quantity=1),), (Units(sku="mug", quantity=2),)
A, B = {"return_id": "ret_a"}, {"return_id": "ret_b"}


def request(which=A, items=ONE):
    return RequestReturn(**IT, **which, items=items, reason="too big")


def requested(which=A, items=ONE):
    return ReturnRequested(**WHOSE, **which, items=items, reason="too big")


def approved(which=A):
    return ReturnApproved(**WHOSE, **which)


def received(which=A, items=ONE, refund=892):
    return ReturnReceived(**WHOSE, **which, items=items, refund=euro(refund))


def completed(which=A):
    return ReturnCompleted(**WHOSE, **which)


REJECTED = ReturnRejected(**WHOSE, **A)
APPROVE, REJECT, COMPLETE = (what(**IT, **A) for what in (ApproveReturn, RejectReturn, CompleteReturn))
RETURNED = OrderReturned(**WHOSE)


def receive(items=None, which=A):
    return ReceiveReturn(**IT, **which, items=items)


@pytest.mark.parametrize(
    ("past", "command", "events"),
    [
        ([], request(), [requested()]),
        ([requested()], request(), []),
        ([requested()], request(B), [requested(B)]),
        ([requested(items=TWO), REJECTED], request(B, TWO), [requested(B, TWO)]),
        ([requested(items=TWO), approved(), received(items=ONE)], request(B), [requested(B)]),
        ([PARKED], request(), [requested()]),
        ([requested()], APPROVE, [approved()]),
        ([requested(), approved()], APPROVE, []),
        ([requested()], REJECT, [REJECTED]),
        ([requested(), REJECTED], REJECT, []),
        ([requested(items=TWO), approved()], receive(), [received(items=TWO, refund=1785)]),
        ([requested(items=TWO), approved()], receive(ONE), [received(items=ONE)]),
        ([requested(items=TWO), approved()], receive(()), [received(items=(), refund=0)]),
        ([requested(), approved(), received(), requested(B), approved(B)], receive(which=B), [received(B, refund=893)]),
        ([requested(), approved(), received()], receive(), []),
        ([requested(), approved(), received(), completed()], receive(), []),
        ([requested(), approved(), received()], COMPLETE, [completed()]),
        ([requested(), approved(), received(), completed()], COMPLETE, []),
        ([requested(items=TWO), approved(), received(items=TWO)], COMPLETE, [completed(), RETURNED]),
        ([requested(), requested(B), approved(), received()], COMPLETE, [completed()]),
    ],
)
def test_what_happens(past, command, events):
    assert decider.decide(command, decider.fold([*ARRIVED, *past])) == events


@pytest.mark.parametrize(
    ("past", "command", "refusal"),
    [
        ([], request(items=(Units(sku="mug", quantity=3),)), MoreThanBought),
        ([], request(items=(Units(sku="cup", quantity=1),)), MoreThanBought),
        ([requested()], request(B, TWO), MoreThanBought),
        ([requested(items=TWO), approved(), received(items=ONE), completed()], request(B, TWO), MoreThanBought),
        ([], APPROVE, NotFound),
        ([requested(), REJECTED], APPROVE, ReturnNotOpen),
        ([requested(), approved()], REJECT, ReturnNotOpen),
        ([requested()], receive(), ReturnNotOpen),
        ([requested(), REJECTED], receive(), ReturnNotOpen),
        ([requested(items=TWO), approved(), received(items=ONE)], receive(TWO), ReturnNotOpen),
        ([requested(), approved()], receive(TWO), MoreThanPromised),
        ([requested(), approved()], COMPLETE, ReturnNotOpen),
    ],
)
def test_what_is_refused(past, command, refusal):
    with pytest.raises(refusal):
        decider.decide(command, decider.fold([*ARRIVED, *past]))


@pytest.mark.parametrize("past", [[PLACED], [PLACED, CONFIRMED], [PLACED, CONFIRMED, SHIPPED]])
def test_what_has_not_arrived_cannot_come_back(past):
    with pytest.raises(NotReturnable):
        decider.decide(request(), decider.fold(past))


@for_all(
    parts=st.lists(st.integers(1, 9), min_size=1, max_size=9), worth=st.integers(0, 10**6), tax=st.integers(0, 999)
)
def test_however_a_line_comes_back_it_refunds_what_it_cost(parts, worth, tax):
    [line] = PLACED.items
    line = line.model_copy(update={"quantity": sum(parts), "total": euro(worth), "tax": euro(tax)})
    befores = [sum(parts[:number]) for number in range(len(parts))]
    refunds = [cost_of(line, before, units).amount for before, units in zip(befores, parts, strict=True)]
    assert sum(refunds) == worth + tax
    assert all(refund >= 0 for refund in refunds)
