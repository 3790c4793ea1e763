"""Brings an event to a rule's or schedule's target, and tries again as EventBridge does."""

import json
import re
from typing import Any

from local.carriage import Carriage, DeliveryFailed
from local.invocations import AsyncInvocations
from local.moto_state import backend
from local.resource_policies import EVENTS

LONGEST_BACKOFF = 600.0
ATTEMPTS = 185
AGE = 86_400.0
ACTIONS = {
    "states": "states:StartExecution",
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
}


class Targets:
    def __init__(self, carriage: Carriage, invocations: AsyncInvocations) -> None:
        self._carriage, self._invocations = carriage, invocations

    def bring(self, target: dict[str, Any], body: str, *, source: str, name: str) -> None:
        """Start the delivery; it runs on its own until it succeeds or the target's dead letters get it."""
        self._carriage.go(name, lambda: self._persist(target, body, source))

    def _persist(self, target: dict[str, Any], body: str, source: str) -> None:
        policy = target.get("RetryPolicy", {})
        attempts = int(policy.get("MaximumRetryAttempts", ATTEMPTS))
        oldest = self._carriage.scheduler.clock.now() + float(policy.get("MaximumEventAgeInSeconds", AGE))
        attempt = 0
        while True:
            try:
                self._check(target, source)
                return self._deliver(target, body)
            except PermissionError as refusal:  # trying again would not help
                return self._give_up(target, body, source, refusal)
            except DeliveryFailed as failure:
                if attempt >= attempts or self._carriage.scheduler.clock.now() >= oldest:
                    return self._give_up(target, body, source, failure)
            self._carriage.scheduler.sleep(min(2.0**attempt, LONGEST_BACKOFF))
            attempt += 1

    def _check(self, target: dict[str, Any], source: str) -> None:
        """Raise PermissionError unless EventBridge may use the target, by the target's role or the target's policy."""
        arn, role, policies = target["Arn"], target.get("RoleArn"), self._carriage.policies
        match arn.split(":")[2]:
            case service if role and service in ACTIONS:
                self._carriage.iam.require(role, ACTIONS[service], arn)
            case "sqs" if not policies.may_send(EVENTS, arn, source):
                raise PermissionError(f"{source} may not send to {arn}")
            case "lambda" if not policies.may_invoke(EVENTS, arn, source):
                raise PermissionError(f"{source} may not invoke {arn}")
            case "states" if not role:
                raise PermissionError(f"{source} has no role to start {arn}")

    def _deliver(self, target: dict[str, Any], body: str) -> None:
        arn = target["Arn"]
        match arn.split(":")[2]:
            case "sqs":
                self._carriage.send(arn, body)
            case "lambda":
                accepted = {"FunctionName": arn, "InvocationType": "Event"}
                accept = self._invocations.accept
                self._carriage.call("lambda", "InvokeAsync", accepted, lambda: accept(arn, body.encode()))
            case "states":
                started = {"stateMachineArn": arn, "input": body}
                start = backend("stepfunctions").start_execution
                self._carriage.call("stepfunctions", "StartExecution", started, lambda: start(arn, None, body))
            case "events":
                self._forward(arn, json.loads(body))
            case service:
                raise NotImplementedError(f"a target of {service}: {arn}")

    def _forward(self, bus: str, event: dict[str, Any]) -> None:
        entry = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "EventBusName": bus.rpartition("/")[2],
        }
        self._carriage.call("events", "PutEvents", {"Entries": [entry]}, lambda: backend("events").put_events([entry]))

    def _give_up(self, target: dict[str, Any], body: str, source: str, failure: Exception) -> None:
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        if queue and self._carriage.policies.may_send(EVENTS, queue, source):
            told = {"RULE_ARN": source, "TARGET_ARN": target["Arn"], "ERROR_MESSAGE": str(failure)}
            self._carriage.send(queue, body, told)


def transformed(target: dict[str, Any], event: dict[str, Any], rule: str = "") -> str:
    """What the target gets of the event: its Input, a part of it, a template filled from it, or the event itself."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(part(event, target["InputPath"]))
    if "InputTransformer" in target:
        return _fill(target["InputTransformer"], event, rule)
    return json.dumps(event)


def part(event: Any, path: str) -> Any:
    """`$.detail.items[0]` of an event; None where there is nothing."""
    for name in re.findall(r"[^.\[\]$'\"]+", path):
        if isinstance(event, list) and name.isdigit():
            event = event[int(name)] if int(name) < len(event) else None
        else:
            event = event.get(name) if isinstance(event, dict) else None
    return event


def _fill(transformer: dict[str, Any], event: dict[str, Any], rule: str) -> str:
    values = {name: part(event, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= {"aws.events.event.json": event, "aws.events.event": event, "aws.events.rule-arn": rule}
    filled, quoted = [], False
    for piece in re.split(r"(<[\w.-]+>|\\.|\")", transformer["InputTemplate"]):
        if piece == '"':
            quoted = not quoted
        name = piece[1:-1]
        if not (piece.startswith("<") and name in values):
            filled.append(piece)
            continue
        value = values[name]
        # Within a string the value is part of the text; on its own it is JSON.
        inside = value if isinstance(value, str) else json.dumps(value)
        filled.append(json.dumps(inside)[1:-1] if quoted else json.dumps(value))
    return "".join(filled)
