"""A state machine from stepfunctions/, started by events."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk.patterns.function import ROOT
from cdk.patterns.queue import DeadLetters
from cdk.stacks.platform import PlatformStack


class Saga(Construct):
    """`definition` is a file in stepfunctions/ without its ending; `tasks` are the functions that its steps call.

    One that waits for people is a Standard machine, whatever the others are.
    """

    def __init__(
        self,
        scope: Construct,
        definition: str,
        *,
        platform: PlatformStack,
        tasks: Mapping[str, lambda_.IFunction],
        starts_on: Sequence[events.EventPattern],
        waits_for_people: bool = False,
    ) -> None:
        super().__init__(scope, "".join(part.title() for part in definition.split("_")))
        name = f"commerce-{definition.replace('_', '-')}"
        type = "STANDARD" if waits_for_people else self.node.try_get_context("saga_type") or "EXPRESS"
        file = ROOT / "stepfunctions" / f"{definition}.asl.json"
        text = file.read_text()
        used = {name: task for name, task in tasks.items() if f"${{{name}}}" in text}
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            state_machine_type=sfn.StateMachineType[type],
            definition_body=sfn.DefinitionBody.from_string(text),
            definition_substitutions={name: task.function_arn for name, task in used.items()},
            logs=sfn.LogOptions(
                destination=logs.LogGroup(
                    self,
                    "Log",
                    log_group_name=f"/aws/vendedlogs/states/{name}",
                    retention=logs.RetentionDays.ONE_MONTH,
                    removal_policy=platform.removal_policy,
                ),
                level=sfn.LogLevel.ERROR,
                include_execution_data=False,  # it names people, and a log cannot forget
            ),
            tracing_enabled=True,
            # Express has no more. A time-out runs no compensation, so the steps must need less.
            timeout=None if waits_for_people else Duration.minutes(5),
        )
        for task in used.values():
            task.grant_invoke(self.machine)
        not_started = DeadLetters(self, "NotStarted", name=f"{name}-not-started", alarms=platform.alarms)
        start = targets.SfnStateMachine(
            self.machine,
            input=events.RuleTargetInput.from_event_path("$.detail"),
            dead_letter_queue=not_started.queue,
        )
        for number, pattern in enumerate(starts_on):
            events.Rule(self, f"Start{number}", event_bus=platform.bus, event_pattern=pattern, targets=[start])
        alarm = self.machine.metric_failed().create_alarm(
            self,
            "Failed",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=f"{name} could not be finished. The order sweeper starts it again.",
        )
        alarm.add_alarm_action(actions.SnsAction(platform.alarms))
