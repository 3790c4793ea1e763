"""States that wait, branch and fan out, run by tasks of ours on a clock of ours."""

import json

import pytest

from local.platform import NotSettled

BAKE = {"step": "bake", "flour": "rye", "becomes": "baked"}


@pytest.fixture
def saga(bakery):
    """Define a state machine and start it: `saga({states}, input)`. The first state named is the first to run."""
    functions = {"TASKS": bakery.functions.named("Bakery-Tasks").arn}

    def saga(states, given=None, *, kind="STANDARD", name=None, **more):
        definition = json.dumps({"StartAt": next(iter(states)), "States": states, **more})
        for word, arn in functions.items():
            definition = definition.replace(word, arn)
        role = bakery.operator("iam").get_role(RoleName="Bakery-BakingRole")["Role"]["Arn"]
        client = bakery.operator("stepfunctions")
        made = client.create_state_machine(
            name=f"m{len(bakery.executions)}", definition=definition, roleArn=role, type=kind
        )
        named = {"name": name} if name else {}
        started = client.start_execution(
            stateMachineArn=made["stateMachineArn"], input=json.dumps(given or {}), **named
        )
        return lambda: next(one for one in bakery.executions if one.arn == started["executionArn"])

    return saga


def task(**more):
    return {"Type": "Task", "Resource": "TASKS", **more}


def test_a_short_pause_is_waited_for_and_a_long_one_is_not(bakery, saga):
    execution = saga(
        {
            "Short": {"Type": "Wait", "Seconds": 300, "Next": "Long"},
            "Long": {"Type": "Wait", "Seconds": 86_400, "End": True},
        }
    )
    bakery.settle()
    assert (execution().status, execution().states) == ("RUNNING", ("Short", "Long"))
    bakery.advance(86_400)
    assert (execution().status, execution().stopped - execution().started) == ("SUCCEEDED", 86_700)


def test_branches_run_side_by_side_and_their_results_come_in_order(bakery, saga, loaf):
    def branch(name, seconds):
        parameters = {**BAKE, "loaf": name}
        return {
            "StartAt": f"Wait{name}",
            "States": {
                f"Wait{name}": {"Type": "Wait", "Seconds": seconds, "Next": name},
                name: task(Parameters=parameters, ResultSelector={"loaf": name}, End=True),
            },
        }

    execution = saga({"Both": {"Type": "Parallel", "Branches": [branch("a", 20), branch("b", 10)], "End": True}})
    bakery.settle()
    assert execution().output == [{"loaf": "a"}, {"loaf": "b"}]
    assert execution().stopped - execution().started == 20
    assert (loaf("a")["state"], loaf("b")["state"]) == ("baked", "baked")


def test_a_map_runs_for_every_item(bakery, saga, loaf):
    bake = task(Parameters={**BAKE, "loaf.$": "$"}, End=True)
    each = {
        "Type": "Map",
        "ItemsPath": "$.loaves",
        "Iterator": {"StartAt": "Bake", "States": {"Bake": bake}},
        "End": True,
    }
    execution = saga({"Each": each}, {"loaves": ["a", "b", "c"]})
    bakery.settle()
    assert execution().output == [{"step": "bake"}] * 3
    assert {loaf(name)["state"] for name in "abc"} == {"baked"}


def test_a_retry_waits_on_the_clock_and_gives_up(bakery, saga):
    retry = [{"ErrorEquals": ["Burnt"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 3}]
    execution = saga(
        {"Bake": task(Parameters={"step": "bake", "flour": "charcoal", "loaf": "x"}, Retry=retry, End=True)}
    )
    bakery.settle()
    assert (execution().status, execution().error) == ("FAILED", "Burnt")
    assert execution().stopped - execution().started == 2 + 6 + 18
    assert "as black as the night" in execution().cause


def test_a_task_that_takes_too_long_is_timed_out_by_its_state(bakery, saga):
    slow = {"step": "bake", "flour": "slow", "becomes": "baked", "loaf": "x"}
    execution = saga({"Bake": task(Parameters=slow, TimeoutSeconds=4, End=True)})
    bakery.settle()
    assert (execution().status, execution().error) == ("FAILED", "States.Timeout")
    assert execution().stopped - execution().started == 4


def test_a_machine_that_takes_too_long_is_timed_out_as_a_whole(bakery, saga):
    execution = saga({"Long": {"Type": "Wait", "Seconds": 100, "End": True}}, TimeoutSeconds=60)
    bakery.settle()
    assert execution().status == "TIMED_OUT"


def test_nobody_waits_for_a_person_with_a_token(bakery, saga):
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    url = bakery.operator("sqs").get_queue_url(QueueName="Bakery-Unpublished")["QueueUrl"]
    asked = {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}
    bakery.iam.granted[bakery.operator("iam").get_role(RoleName="Bakery-BakingRole")["Role"]["Arn"]] += (
        bakery.iam.granted[bakery.functions.named("Bakery-Relay").role]
    )
    execution = saga({"Ask": {"Type": "Task", "Resource": resource, "Parameters": asked, "End": True}})
    bakery.settle()
    assert execution().status == "RUNNING"
    [message] = bakery.operator("sqs").receive_message(QueueUrl=url)["Messages"]
    bakery.advance(86_400)
    client = bakery.operator("stepfunctions")
    client.send_task_success(taskToken=json.loads(message["Body"])["token"], output='{"approved": true}')
    bakery.settle()
    assert (execution().status, execution().output) == ("SUCCEEDED", {"approved": True})


def test_a_standard_execution_of_a_name_is_one(bakery, saga):
    saga({"Wait": {"Type": "Wait", "Seconds": 86_400, "End": True}}, {"a": 1}, name="once")
    client = bakery.operator("stepfunctions")
    [machine] = [one for one in client.list_state_machines()["stateMachines"] if one["name"] == "m0"]
    again = {"stateMachineArn": machine["stateMachineArn"], "name": "once"}
    client.start_execution(**again, input='{"a": 1}')
    assert len(bakery.executions) == 1
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        client.start_execution(**again, input='{"a": 2}')


def test_many_run_at_once(bakery, saga):
    executions = [saga({"Bake": task(Parameters={**BAKE, "loaf": str(number)}, End=True)}) for number in range(6)]
    with pytest.raises(NotSettled):
        bakery.seam.faults.add("delay", service="lambda", seconds=60)
        bakery.settle(timeout_s=1)
    bakery.settle()
    assert {execution().status for execution in executions} == {"SUCCEEDED"}
