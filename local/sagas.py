"""Step Functions' executions, run by moto's interpreter: who they act as, and what has become of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from local.assembly import Resource
from local.identity import Caller
from local.moto_state import backend

EXPRESS_KEPT: Final = 200  # AWS shows none of them; these are for the log and the console


@dataclass(frozen=True)
class Execution:
    machine: str
    arn: str
    name: str
    status: str
    started: float
    stopped: float | None
    input: Any
    output: Any
    error: str | None
    cause: str | None
    states: tuple[str, ...]  # entered, in order

    @classmethod
    def of(cls, running: Any) -> "Execution":
        history = running.to_history_output()["events"] if running.exec_worker and running.exec_worker.env else []
        entered = [
            event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event
        ]
        return cls(
            running.state_machine.name,
            running.exec_arn,
            running.name,
            str(running.exec_status.value),
            running.start_date.timestamp(),
            running.stop_date.timestamp() if running.stop_date else None,
            running.input_data,
            running.output,
            running.error,
            running.cause,
            tuple(entered),
        )


class Sagas:
    def __init__(self, machines: Iterable[Resource]) -> None:
        self._logical_ids = {machine.ref: machine.logical_id for machine in machines}

    def executions(self, machine: str | None = None, status: str | None = None) -> list[Execution]:
        """Of the machine with this name or logical id, or of all; the oldest first."""
        found = [
            Execution.of(one)
            for registered in backend("stepfunctions").state_machines
            if machine in (None, registered.name, self._logical_ids.get(registered.arn))
            for one in registered.executions
        ]
        return [one for one in found if status in (None, one.status)]

    def identity(self, execution: Any) -> Caller:
        """An execution acts as its machine, by its role."""
        self._forget_old(execution.state_machine_arn)
        return Caller("saga", execution.state_machine.name, execution.role_arn)

    def _forget_old(self, arn: str) -> None:
        [registered] = [one for one in backend("stepfunctions").state_machines if one.arn == arn]
        if registered.sm_type == "EXPRESS" and len(registered.executions) > 2 * EXPRESS_KEPT:
            old = registered.executions[:-EXPRESS_KEPT]
            running = [one for one in old if one.status == "RUNNING"]
            registered.executions[:-EXPRESS_KEPT] = running
