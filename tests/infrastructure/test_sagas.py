"""The state machines and the domains mean the same: commands, errors, fields, and five minutes for all of it."""

import json
import re
from importlib import import_module

import pytest

from common.domain.errors import DomainError
from order.attention import CAUSES

COMMANDS = {
    "order": "order.commands",
    "inventory": "inventory.reservation.commands",
    "payment": "payment.commands",
    "shipping": "shipping.commands",
}
EXPRESS_S = 300
AWS_ERRORS = re.compile(r"(States|Lambda|Runtime|Sandbox)\.")


class Saga:
    def __init__(self, machine, functions):
        self.arn = machine.arn
        self.name = machine.properties["StateMachineName"]
        self.type = machine.properties["StateMachineType"]
        self.logging = machine.properties["LoggingConfiguration"]
        definition = json.loads(machine.properties["DefinitionString"])
        arns = machine.properties["DefinitionSubstitutions"]
        self.start, self.states = definition["StartAt"], definition["States"]
        self.tasks = {name: state for name, state in self.states.items() if state["Type"] == "Task"}
        self.handlers = {
            name: functions[arns[called_by(state).strip("${}")]]["Handler"] for name, state in self.tasks.items()
        }

    def after(self, name):
        state = self.states[name]
        found = [state.get("Next"), state.get("Default")]
        found += [one["Next"] for one in (*state.get("Catch", ()), *state.get("Choices", ()))]
        return [one for one in found if one]

    def longest(self, name):
        """Seconds until the end, if every attempt of every step takes all of its time."""
        return worst_case(self.states[name]) + max((self.longest(one) for one in self.after(name)), default=0)


def called_by(state):
    """The function's placeholder: a step that waits for people names it among its parameters."""
    return state["Parameters"].get("FunctionName", state["Resource"])


def sent_by(state):
    return state["Parameters"].get("Payload", state["Parameters"])


def worst_case(state):
    if state["Type"] != "Task":
        return 0
    attempts = max(retry["MaxAttempts"] for retry in state["Retry"])
    [retry] = [one for one in state["Retry"] if one["MaxAttempts"] == attempts]
    waits = (retry["IntervalSeconds"] * retry["BackoffRate"] ** number for number in range(attempts))
    return state["TimeoutSeconds"] * (attempts + 1) + sum(min(wait, retry["MaxDelaySeconds"]) for wait in waits)


@pytest.fixture(scope="module")
def sagas(resources, functions):
    return [Saga(machine, functions) for machine in resources("AWS::StepFunctions::StateMachine")]


def commands_of(domain):
    """JSON schemas of what a domain's `tasks` take, by command type."""
    adapter = getattr(import_module(COMMANDS[domain]), f"{domain.upper()}_TASKS")
    schema = adapter.json_schema()
    schemas = [one for one in (*schema.get("$defs", {}).values(), schema) if "type" in one.get("properties", {})]
    return {one["properties"]["type"]["const"]: one for one in schemas if "const" in one["properties"]["type"]}


def test_there_are_sagas_and_what_fails_in_them_is_logged(sagas):
    assert {saga.name: saga.type for saga in sagas} == {
        "commerce-place-order": "EXPRESS",
        "commerce-fulfil-order": "EXPRESS",
        "commerce-cancel-order": "EXPRESS",
        "commerce-return-order": "STANDARD",
    }
    for saga in sagas:
        assert saga.logging["Level"] in ("ERROR", "ALL")
        assert not saga.logging.get("IncludeExecutionData")


def test_every_step_has_a_timeout_and_is_tried_again_whatever_its_error_but_for_the_refusals_that_it_names(sagas):
    """Nobody can list what AWS may answer: what is final is named, and all else is tried again."""
    for saga in sagas:
        for name, state in saga.tasks.items():
            assert state["TimeoutSeconds"] > 0, f"{saga.name} {name}"
            *final, again = state["Retry"]
            assert again["ErrorEquals"] == ["States.ALL"], f"{saga.name} {name}"
            assert again["MaxAttempts"] > 0, f"{saga.name} {name}"
            assert [one["MaxAttempts"] for one in final] in ([], [0]), f"{saga.name} {name}"


def test_a_refusal_that_is_final_leads_elsewhere_and_what_leads_elsewhere_is_final(sagas):
    for saga in sagas:
        for name, state in saga.tasks.items():
            final = [error for one in state["Retry"] if not one["MaxAttempts"] for error in one["ErrorEquals"]]
            caught = [error for one in state.get("Catch", ()) for error in one["ErrorEquals"]]
            assert caught in (final, ["States.ALL"]), f"{saga.name} {name}"


def test_who_is_handed_an_order_is_told_which_refusal_it_was(sagas):
    """But for what cannot be missing: that is a fault of ours, and called so."""
    for saga in sagas:
        for name, state in saga.tasks.items():
            parked = {e for one in state.get("Catch", ()) if one["Next"] == "ParkOrder" for e in one["ErrorEquals"]}
            assert parked - {"NotFound"} <= CAUSES.keys(), f"{saga.name} {name}"


def test_what_is_caught_does_not_replace_what_the_next_step_reads(sagas):
    for saga in sagas:
        for name, state in saga.tasks.items():
            assert "ResultPath" in state, f"{saga.name} {name}"
            assert all("ResultPath" in catch for catch in state.get("Catch", ())), f"{saga.name} {name}"


def test_every_state_is_reached_and_leads_somewhere(sagas):
    for saga in sagas:
        reached, todo = set(), [saga.start]
        while todo:
            if (name := todo.pop()) not in reached:
                reached.add(name)
                todo += saga.after(name)
        assert reached == saga.states.keys()
        assert all(saga.after(name) or saga.states[name]["Type"] in ("Succeed", "Fail") for name in saga.states)


def test_the_domain_takes_the_command_that_a_step_sends(sagas):
    for saga in sagas:
        for name, state in saga.tasks.items():
            domain, _, entry = saga.handlers[name].partition(".handlers.")
            assert entry == "tasks"
            sent = sent_by(state)["command"]
            schema = commands_of(domain)[sent["type"]]
            fields = {field.removesuffix(".$") for field in sent}
            assert fields <= schema["properties"].keys(), f"{saga.name} {name}"
            assert set(schema["required"]) <= fields, f"{saga.name} {name}"
            assert sent["at.$"] == "$$.State.EnteredTime"
            assert {"actor", "correlation_id.$", "causation_id.$"} == sent_by(state)["origin"].keys()


def test_every_command_of_a_task_is_sent_by_some_step(sagas):
    sent = {sent_by(state)["command"]["type"] for saga in sagas for state in saga.tasks.values()}
    assert sent == {command for domain in COMMANDS for command in commands_of(domain)}


def test_the_events_that_start_a_saga_carry_what_its_steps_read(sagas, resources):
    for saga in sagas:
        text = json.dumps(saga.states)
        guarded = set(re.findall(r'"Variable": "\$\.data\.(\w+)", "IsPresent": true', text))
        read = set(re.findall(r"\$\.data\.(\w+)", text)) - guarded
        starts = [
            (source, type)
            for rule in resources("AWS::Events::Rule")
            if saga.arn in [target["Arn"] for target in rule.properties["Targets"]]
            for source in rule.properties["EventPattern"]["source"]
            for type in rule.properties["EventPattern"]["detail-type"]
        ]
        assert starts
        for source, type in starts:
            event = getattr(import_module(f"{source}.events"), type)
            assert read <= event.model_fields.keys(), f"{saga.name} {type}"


def test_the_errors_that_a_saga_names_exist(sagas):
    for domain in COMMANDS:
        import_module(f"{domain}.handlers")
    known = {error.__name__ for error in descendants(Exception)}
    assert DomainError.__name__ in known
    for saga in sagas:
        for name, state in saga.tasks.items():
            handled = [e for one in (*state["Retry"], *state.get("Catch", ())) for e in one["ErrorEquals"]]
            assert {e for e in handled if not AWS_ERRORS.match(e)} <= known, f"{saga.name} {name}"


def descendants(parent):
    for child in type.__subclasses__(parent):
        yield child
        yield from descendants(child)


def test_the_steps_together_need_less_than_the_five_minutes_of_express(sagas):
    longest = {saga.name: saga.longest(saga.start) for saga in sagas if saga.type == "EXPRESS"}
    assert {name: seconds for name, seconds in longest.items() if seconds >= EXPRESS_S} == {}
