"""One bounded context: its two tables, the relay that publishes what is committed there, and its other functions.

events   stream, version   what has happened; nobody may update or delete in it; its stream is the outbox
state    pk, sk            what changes with the events or follows from them; two sparse indexes, gsi1 and gsi2
"""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from constructs import Construct

from cdk.patterns.function import DomainFunction
from cdk.patterns.queue import QueueWithDeadLetters
from cdk.stacks.platform import PlatformStack

# Read a stream and add to it. Nobody may update or delete what has happened.
APPEND = ("dynamodb:Query", "dynamodb:PutItem")


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


class Domain(Construct):
    """`name` is the folder in functions/ and the source of its events. `tells_after`: how long its relay gathers them,
    where nobody waits for what they start."""

    def __init__(
        self, scope: Construct, name: str, *, platform: PlatformStack, tells_after: Duration | None = None
    ) -> None:
        super().__init__(scope, name.title())
        self.name = name
        self._platform = platform
        self.events = self._table(
            "Events",
            partition_key=_string("stream"),
            sort_key=dynamodb.Attribute(name="version", type=dynamodb.AttributeType.NUMBER),
            stream=dynamodb.StreamViewType.NEW_IMAGE,
        )
        self.state = self.rows("State")
        self._relay(tells_after or Duration.seconds(0))

    def function(
        self,
        name: str,
        *,
        append: bool = False,
        state: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        timeout: Duration | None = None,
        memory_size: int = 512,
    ) -> DomainFunction:
        """The entry point `name` of the domain's handlers.

        `append`: it may read streams and add to them. `state`: what it may do to the state table, as in "GetItem".
        """
        function = DomainFunction(
            self,
            "".join(part.title() for part in name.split("_")),
            f"{self.name}.handlers.{name}",
            layer=self._platform.layer,
            environment={
                "EVENTS_TABLE": self.events.table_name,
                "STATE_TABLE": self.state.table_name,
                "EVENT_BUS": self._platform.bus.event_bus_name,
                **(environment or {}),
            },
            timeout=timeout,
            memory_size=memory_size,
        )
        if append:
            self.events.grant(function, *APPEND)
        if state:
            self.state.grant(function, *(f"dynamodb:{action}" for action in state))
        return function

    def consumes(
        self,
        subscriptions: Mapping[str, Sequence[str]],
        consumer: DomainFunction,
        *,
        queue: str = "",
        batch_size: int = 10,
        window: Duration | None = None,
        patterns: Mapping[str, events.EventPattern] | None = None,
    ) -> QueueWithDeadLetters:
        """Events by their source, as in {"catalog": ["PriceChanged"]}: rule, queue, dead letters, alarm, mapping.

        No types means all that the source publishes; `patterns` name further rules, for those chosen otherwise.
        The queue holds messages as the relay wrote them (`Message`), without EventBridge's envelope. A domain has one;
        what is so slow that the rest must not wait for it goes into another, which `queue` names.
        """
        queue_name, id = (f"commerce-{self.name}-{queue}", queue.title()) if queue else (f"commerce-{self.name}", "")
        queued = QueueWithDeadLetters(
            self, f"{id}Queue", name=queue_name, alarms=self._platform.alarms, reader_timeout=consumer.timeout
        )
        by_source = {
            source.title(): events.EventPattern(source=[source], detail_type=list(types) or None)
            for source, types in subscriptions.items()
        }
        for name, pattern in {**by_source, **(patterns or {})}.items():
            events.Rule(
                self,
                f"{id}Hears{name}",
                event_bus=self._platform.bus,
                event_pattern=pattern,
                targets=[
                    targets.SqsQueue(
                        queued.queue,
                        message=events.RuleTargetInput.from_event_path("$.detail"),
                        dead_letter_queue=queued.dead_letters,
                    )
                ],
            )
        consumer.add_event_source(
            sources.SqsEventSource(
                queued.queue,
                batch_size=batch_size,
                max_batching_window=window or Duration.seconds(0),
                report_batch_item_failures=True,
            )
        )
        return queued

    def rows(self, id: str) -> dynamodb.Table:
        """A table of rows, as the layer's `Rows` reads and writes them."""
        table = self._table(
            id, partition_key=_string("pk"), sort_key=_string("sk"), time_to_live_attribute="expires_at"
        )
        for index in ("gsi1", "gsi2"):
            table.add_global_secondary_index(
                index_name=index, partition_key=_string(f"{index}pk"), sort_key=_string(f"{index}sk")
            )
        return table

    def sweeps(self, sweeper: DomainFunction, when: Duration | events.Schedule) -> None:
        """Run it by the clock, every so often or at certain times, for whatever has fallen due."""
        events.Rule(
            self,
            "Sweep",
            schedule=events.Schedule.rate(when) if isinstance(when, Duration) else when,
            targets=[targets.LambdaFunction(sweeper, retry_attempts=2)],
        )

    def rings(self, metric: str, why: str) -> None:
        """An alarm, as soon as one of its functions counts one of these."""
        counted = cloudwatch.Metric(
            namespace="commerce", metric_name=metric, dimensions_map={"service": self.name}, statistic="Sum"
        )
        alarm = counted.create_alarm(
            self,
            f"{metric}Alarm",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=why,
        )
        alarm.add_alarm_action(actions.SnsAction(self._platform.alarms))

    def _table(self, id: str, **how: object) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            id,
            table_name=f"commerce-{self.name}-{id.lower()}",
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=self._platform.removal_policy,
            **how,  # type: ignore[arg-type]
        )

    def _relay(self, window: Duration) -> None:
        """Stream → relay → bus. What it gives up on is published again by the republisher, from the table."""
        relay = self.function("relay")
        self._platform.bus.grant_put_events_to(relay)
        given_up = QueueWithDeadLetters(
            self, "Unpublished", name=f"commerce-{self.name}-unpublished", alarms=self._platform.alarms
        )
        new_commit = {
            "eventName": lambda_.FilterRule.is_equal("INSERT"),
            "dynamodb": {"NewImage": {"commit_id": {"S": lambda_.FilterRule.exists()}}},
        }
        relay.add_event_source(
            sources.DynamoEventSource(
                self.events,
                filters=[lambda_.FilterCriteria.filter(new_commit)],
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=100,
                max_batching_window=window,
                report_batch_item_failures=True,
                bisect_batch_on_error=True,
                retry_attempts=10,
                max_record_age=Duration.hours(6),
                on_failure=sources.SqsDlq(given_up.queue),
            )
        )
        republisher = self.function("republisher")
        self.events.grant(republisher, "dynamodb:Scan")
        self._platform.bus.grant_put_events_to(republisher)
        republisher.add_event_source(sources.SqsEventSource(given_up.queue, batch_size=1))
