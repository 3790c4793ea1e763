"""A keyed request has one effect and one answer, through a small app of its own."""

from http import HTTPStatus

import boto3
import pytest
from pydantic import BaseModel, ConfigDict

from common.domain.errors import Conflict
from common.entrypoint.authentication import CUSTOMER
from common.entrypoint.http import http_app, http_handler
from common.entrypoint.idempotency import IdempotencyKey, Keyed, answer, once
from common.infrastructure.idempotency import IdempotencyRecords
from common.infrastructure.rows import Rows
from common.infrastructure.transaction import put

TABLE = "commerce-door-state"


class KnockRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    times: int


class KnockAnswer(BaseModel):
    knocks: int


class DoorIsShut(Conflict): ...


@pytest.fixture
def door(tables):
    """Counts what took effect."""
    tables("door")
    rows, app = Rows(boto3.client("dynamodb"), TABLE), http_app()
    knocks, meanwhile = [], []

    @app.post("/knocks", status_code=HTTPStatus.CREATED, security=CUSTOMER)
    def knock(body: KnockRequest, key: IdempotencyKey, keyed: Keyed):
        def use_case(remember):
            if body.times == 13:
                raise DoorIsShut("Not that often.")
            given = answer(HTTPStatus.CREATED, {"knocks": len(knocks) + 1})
            while meanwhile:
                meanwhile.pop()()
            if body.times:
                effect = put(TABLE, {"pk": f"knock#{len(knocks)}", "sk": "-"}, DoorIsShut())
                rows.commit([effect, remember(given)])
                knocks.append(body.times)
            return given

        return once(IdempotencyRecords(rows), keyed, KnockAnswer, use_case)

    door = http_handler(app)
    door.knocks, door.meanwhile = knocks, meanwhile
    return door


@pytest.fixture
def knock(http, door):
    def call(key="k", times=1, caller="cus_ada", **how):
        return http(door, "POST", "/knocks", caller=caller, key=key, body={"times": times}, **how)

    return call


def replayed(answer):
    return answer.headers.get("Idempotent-Replayed") == "true"


def test_the_same_request_again_gets_the_same_answer_and_has_no_second_effect(knock, door):
    first, again = knock(), knock()
    assert (first.status, again.status, first.body) == (201, 201, again.body)
    assert (replayed(first), replayed(again), door.knocks) == (False, True, [1])


def test_of_two_at_once_one_takes_effect_and_both_get_its_answer(knock, door):
    twin = []
    door.meanwhile.append(lambda: twin.append(knock()))
    slower = knock()
    assert (twin[0].status, replayed(twin[0])) == (201, False)
    assert (slower.status, replayed(slower), slower.body) == (201, True, twin[0].body)
    assert door.knocks == [1]


def test_the_key_with_another_body_is_refused(knock, door):
    knock()
    assert (knock(times=2).status, knock(times=2).body["code"]) == (422, "idempotency_key_reused")
    assert door.knocks == [1]


def test_a_key_is_its_callers_own(knock, door):
    assert not replayed(knock())
    assert not replayed(knock(caller="cus_bob"))
    assert len(door.knocks) == 2


def test_what_changed_nothing_is_remembered_too(knock):
    assert [replayed(knock(times=0)), replayed(knock(times=0))] == [False, True]


@pytest.mark.parametrize("times", ["once", 13], ids=["by validation", "by a rule"])
def test_a_request_that_was_refused_does_not_burn_its_key(knock, times):
    assert knock(times=times).status in (409, 422)
    assert knock().status == 201


def test_a_key_is_remembered_for_a_day_and_not_for_ever(knock, door):
    at, hour = 1_714_521_600_000, 3_600_000
    knock(at=at)
    assert replayed(knock(at=at + 25 * hour))
    assert not replayed(knock(at=at + 49 * hour))
    assert len(door.knocks) == 2


@pytest.mark.parametrize("key", [None, "", "x" * 256, "ümlaut"])
def test_without_a_printable_key_it_is_refused(knock, door, key):
    refused = knock(key=key)
    assert (refused.status, refused.body["code"], door.knocks) == (400, "idempotency_key_required", [])
