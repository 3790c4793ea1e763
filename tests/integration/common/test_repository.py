"""Event streams in DynamoDB: who is first wins, and whoever lost an answer knows their own write."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import pytest
from pydantic import Field, TypeAdapter

from common.domain.errors import AlreadyDone, ConcurrentWrite, Conflict
from common.domain.message import Event, Message, Origin
from common.infrastructure.inbox import Inbox
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.transaction import put

AT = datetime(2024, 5, 1, tzinfo=UTC)
ORIGIN = Origin(actor="cus_1", correlation_id="c", causation_id="c")


class Opened(Event):
    type: Literal["Opened"] = "Opened"


class Shut(Event):
    type: Literal["Shut"] = "Shut"


EVENTS: TypeAdapter[Opened | Shut] = TypeAdapter(Annotated[Opened | Shut, Field(discriminator="type")])
OPENED, SHUT = Opened(at=AT), Shut(at=AT)
HEARD = Message(
    id="pay_1#3",
    source="payment",
    type="X",
    subject="pay_1",
    time=AT,
    sequence=3,
    data={},
    **ORIGIN.model_dump(),
)
MARK = Inbox("commerce-door-state", "door").mark(HEARD)


class LosesTheFirstAnswer:
    """A client whose write lands while its answer is lost, so that the SDK sends it again."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)

    def put_item(self, **request):
        self._client.put_item(**request)
        return self._client.put_item(**request)

    def transact_write_items(self, **request):
        self._client.transact_write_items(**request)
        return self._client.transact_write_items(**request)


@pytest.fixture
def dynamodb(tables):
    return tables("door")


@pytest.fixture
def repository(dynamodb):
    return DynamoRepository(dynamodb, EVENTS, "commerce-door-events")


def count(dynamodb, kind):
    return dynamodb.scan(TableName=f"commerce-door-{kind}")["Count"]


def test_it_loads_what_was_saved_in_order(repository):
    repository.save("door", 0, [OPENED, SHUT], ORIGIN)
    repository.save("door", 2, [OPENED], ORIGIN)
    assert repository.load("door") == [OPENED, SHUT, OPENED]
    assert [(m.id, m.sequence, m.actor) for m in repository.messages("door", "door")] == [
        (f"door#{n}", n, "cus_1") for n in (1, 2, 3)
    ]


@pytest.mark.parametrize("also", [[], [MARK]], ids=["alone", "in a transaction"])
def test_a_stale_save_writes_nothing(also, repository, dynamodb):
    repository.save("door", 0, [OPENED, SHUT], ORIGIN)
    with pytest.raises(ConcurrentWrite):
        repository.save("door", 0, [SHUT], ORIGIN, also=also)
    assert (count(dynamodb, "events"), count(dynamodb, "state")) == (1, 0)


@pytest.mark.parametrize("also", [[], [MARK]], ids=["alone", "in a transaction"])
def test_a_save_whose_answer_was_lost_knows_its_own_write(also, dynamodb):
    repository = DynamoRepository(LosesTheFirstAnswer(dynamodb), EVENTS, "commerce-door-events")
    repository.save("door", 0, [OPENED], ORIGIN, also=also)
    assert repository.load("door") == [OPENED]


def test_with_an_inbox_mark_a_message_takes_effect_once(repository):
    repository.save("door", 0, [OPENED], ORIGIN, also=[MARK])
    with pytest.raises(AlreadyDone):
        repository.save("door", 1, [SHUT], ORIGIN, also=[MARK])
    assert repository.load("door") == [OPENED]


def test_a_condition_that_fails_says_so_in_its_own_words(repository, dynamodb):
    class Full(Conflict): ...

    row = {"pk": "room", "sk": "-"}
    first = put("commerce-door-state", row, Full(), "attribute_not_exists(#pk)")
    repository.save("door", 0, [OPENED], ORIGIN, also=[first])
    with pytest.raises(Full):
        repository.save("door", 1, [SHUT], ORIGIN, also=[first])
    assert count(dynamodb, "events") == 1
