"""What goes wrong at the seam, and what those who called make of it."""

import pytest


@pytest.mark.parametrize("kind", ["throttle", "error", "timeout_before"])
def test_the_sdk_tries_again_what_did_not_happen(kind, bakery, order, loaf):
    bakery.seam.faults.add(kind, service="dynamodb", operation="PutItem", times=2)
    assert order().status == 201
    assert [call.operation for call in bakery.seam.calls if call.kind == "function"] == ["PutItem"] * 3


def test_a_write_whose_answer_was_lost_meets_itself(bakery, order, loaf):
    bakery.seam.faults.add("timeout_after", service="dynamodb", operation="PutItem")
    assert order().status == 500
    assert loaf() != {}


@pytest.mark.parametrize(("kind", "written"), [("crash_before", False), ("crash_after", True)])
def test_a_crash_kills_the_invocation_and_its_environment(kind, written, bakery, order, loaf):
    order("l-0")
    bakery.seam.faults.add(kind, service="dynamodb", operation="PutItem", caller="Bakery-Api")
    assert order().status == 500
    assert bool(loaf()) == written
    assert bakery.functions.invocations[-1].error == "Unhandled"
    assert order("l-2").status == 201
    assert bakery.functions.named("Bakery-Api").environments == 2


def test_a_conflict_comes_from_dynamodb_as_it_says_it(bakery, order):
    bakery.seam.faults.add("conflict", service="dynamodb", operation="PutItem")
    assert order().status == 500  # TransactionConflictException is not tried again by the SDK


def test_what_the_bus_refused_is_published_from_there(bakery, order, loaf):
    bakery.seam.faults.add("partial", service="events", operation="PutEvents")
    order()
    bakery.settle()
    assert loaf()["state"] == "baked"
    assert bakery.seam.counters["events", "PutEvents"] == 2


@pytest.mark.parametrize(
    ("service", "operation", "caller"),
    [
        ("events", "PutEvents", None),
        ("dynamodb", "PutItem", None),
        ("stepfunctions", "StartExecution", None),
    ],
)
def test_what_is_delivered_twice_runs_twice(service, operation, caller, bakery, order, loaf):
    bakery.seam.faults.add("duplicate", service=service, operation=operation, caller=caller)
    assert order().status == 201
    bakery.settle()
    assert len(bakery.executions) == 2
    assert loaf()["state"] == "baked"


def test_a_delay_passes_on_the_platforms_clock(bakery, order):
    before = bakery.now()
    bakery.seam.faults.add("delay", service="dynamodb", operation="PutItem", seconds=4)
    assert order().status == 201
    assert bakery.now() - before == 4


def test_a_fault_can_wait_for_the_call_with_an_index(bakery, order):
    order("l-0")
    bakery.settle()
    index = bakery.seam.mark() + 1  # the gateway's own call comes first
    fault = bakery.seam.faults.add("crash_before", index=index)
    assert order().status == 500
    assert bakery.seam.faults.struck == [(fault, index)]


def test_a_relay_that_fails_for_good_hands_its_records_to_the_destination(bakery, order, letters):
    bakery.seam.faults.add("crash_before", service="events", times=10)
    order()
    bakery.settle()
    [told] = letters("Unpublished")
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["requestContext"]["approximateInvokeCount"] == 4
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1
    assert told["DDBStreamBatchInfo"]["approximateArrivalOfFirstRecord"] == "2026-01-05T09:00:00.000Z"


def test_a_target_that_fails_for_good_leaves_the_event_to_its_dead_letters(bakery, order, letters):
    bakery.seam.faults.add("throttle", service="stepfunctions", operation="StartExecution", times=3)
    order()
    bakery.settle()
    assert letters("NotStarted") == [{"loaf": "l-1", "flour": "rye", "note": "a loaf of rye"}]


@pytest.mark.parametrize("kind", ["throttle", "error", "timeout_before", "timeout_after"])
def test_a_saga_retries_what_lambda_could_not_do(kind, bakery, order, loaf):
    bakery.seam.faults.add(kind, service="lambda", operation="Invoke", caller="Bakery-Baking")
    order()
    bakery.settle()
    assert loaf()["state"] == "baked"
    assert bakery.executions[0].status == "SUCCEEDED"


def test_an_asynchronous_invocation_is_tried_three_times(bakery):
    bakery.seam.faults.add("crash_before", caller="Bakery-Sweeper", times=9)
    bakery.advance(300)
    bakery.settle()
    runs = [one.started - 1_767_603_600 for one in bakery.functions.invocations]
    assert runs == [300, 360, 480]
    assert [name for name, _ in bakery.invocations.given_up] == ["Bakery-Sweeper"]
