"""Carries events from a bus to the targets of the rules that they match."""

from typing import Any

from local.carriage import Carriage
from local.targets import Targets, transformed


class Rules:
    def __init__(self, carriage: Carriage, targets: Targets) -> None:
        self._carriage, self._targets = carriage, targets
        self.told: set[tuple[str, str]] = set()  # messages of ours that the bus has taken: source and id
        self.carried: set[tuple[str, str]] = set()  # by which rule, what type of event
        self._flat: tuple[str, dict[str, Any]] = ("", {})

    def consider(self, rule: Any, event: dict[str, Any]) -> None:
        """moto shows every event to every rule of its bus."""
        self.told.add((event["source"], event["detail"].get("id", "")))
        if rule.state != "ENABLED" or rule.scheduled_expression or not self._matches(rule, event):
            return
        self.carried.add((rule.name, event["detail-type"]))
        carried = {key: value for key, value in event.items() if key != "ingestion-time"}
        if not isinstance(carried["time"], str):
            carried["time"] = self._carriage.timestamp(float(carried["time"]))[:-5] + "Z"
        for target in rule.targets:
            body = transformed(target, carried, rule.arn)
            self._targets.bring(target, body, source=rule.arn, name=f"rule:{rule.name}")

    def _matches(self, rule: Any, event: dict[str, Any]) -> bool:
        pattern = rule.event_pattern
        if self._flat[0] != event["id"]:
            self._flat = (event["id"], pattern._flatten_dict(event))
        return bool(pattern._does_event_match(self._flat[1], pattern._pattern))
