"""From the table's stream to the bus, and what the stream is told when the bus refuses."""

import json

import pytest

from common.domain.message import Origin
from common.entrypoint.relay import NotPublished, relay_handler, republisher_handler
from common.infrastructure.commit import Commit
from common.infrastructure.event_bus import EventBus
from common.infrastructure.item import to_item

AT = "2024-05-01T00:00:00Z"
ORIGIN = Origin(actor="cus_1", correlation_id="c-1", causation_id="c-2")


class Bus:
    """Accepts everything but the type "Bad", as EventBridge does: without raising."""

    def __init__(self):
        self.calls = []

    def put_events(self, Entries):
        self.calls.append([json.loads(entry["Detail"]) for entry in Entries])
        return {"Entries": [{"ErrorCode": "Throttled"} if e["DetailType"] == "Bad" else {} for e in Entries]}


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
def publish(bus, context):
    relay = relay_handler("order", lambda: EventBus(bus, "commerce"))
    return lambda *records: relay({"Records": records}, context)["batchItemFailures"]


def commit(*types, version=1):
    events = [json.dumps({"type": kind, "at": AT, "order_id": "ord_1"}) for kind in types]
    return Commit(stream="ord_1", version=version, events=events, commit_id="x", at=AT, origin=ORIGIN)


def record(number, *types, version=1, name="INSERT"):
    image = to_item(commit(*types, version=version))
    return {"eventName": name, "dynamodb": {"SequenceNumber": str(number), "NewImage": image}}


def test_a_message_says_what_it_is_and_where_it_comes_from(bus, publish):
    assert publish(record(1, "Placed", "Confirmed", version=4)) == []
    assert bus.calls[0][1] == {
        "specversion": "1.0",
        "id": "ord_1#5",
        "source": "order",
        "type": "Confirmed",
        "subject": "ord_1",
        "time": AT,
        "sequence": 5,
        **ORIGIN.model_dump(),
        "data": {"order_id": "ord_1"},
    }


def test_the_first_record_that_was_refused_is_reported(publish):
    records = [record(1, "Good", "Good"), record(2, "Good", "Bad"), record(3, "Bad")]
    assert publish(*records) == [{"itemIdentifier": "2"}]


def test_ten_go_out_at_a_time_and_none_after_a_refusal(bus, publish):
    assert publish(record(1, *["Good"] * 12), record(2, "Bad"), record(3, *["Good"] * 9)) == [{"itemIdentifier": "2"}]
    assert [len(call) for call in bus.calls] == [10, 10]


def test_only_what_is_new_goes_out(bus, publish):
    assert publish(record(1, "Good", name="MODIFY"), record(2, "Good", name="REMOVE")) == []
    assert bus.calls == []


class Outbox:
    def __init__(self, *commits):
        self.commits, self.asked = commits, None

    def committed(self, since, until):
        self.asked = (since.isoformat(), until.isoformat())
        return self.commits


def given_up():
    """What Lambda writes to the on-failure queue of a stream."""
    lost = {
        "approximateArrivalOfFirstRecord": "2024-05-01T10:00:00Z",
        "approximateArrivalOfLastRecord": "2024-05-01T10:01:00Z",
    }
    return {"Records": [{"body": json.dumps({"DDBStreamBatchInfo": lost})}]}


def test_what_the_relay_gave_up_on_is_published_from_the_table(bus, context):
    outbox = Outbox(commit("Placed"), commit("Confirmed", version=2))
    republisher_handler("order", lambda: outbox, lambda: EventBus(bus, "commerce"))(given_up(), context)
    assert [message["id"] for message in bus.calls[0]] == ["ord_1#1", "ord_1#2"]
    assert outbox.asked == ("2024-05-01T09:55:00+00:00", "2024-05-01T10:06:00+00:00")


def test_a_repair_that_is_refused_stays_on_the_queue(bus, context):
    republish = republisher_handler("order", lambda: Outbox(commit("Bad")), lambda: EventBus(bus, "commerce"))
    with pytest.raises(NotPublished):
        republish(given_up(), context)
