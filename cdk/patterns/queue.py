"""Where what cannot be handled is kept, with an alarm that rings when there is something; and a queue that has such."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct


class DeadLetters(Construct):
    """`name` is that of whose dead letters they are."""

    """`reader_timeout`: how long the function may run that reads it."""

    def __init__(
        self, scope: Construct, id: str, *, name: str, alarms: sns.ITopic, reader_timeout: Duration | None = None
    ) -> None:
        super().__init__(scope, id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=f"{name}-dead-letters",
            retention_period=Duration.days(14),
            enforce_ssl=True,
        )
        self.alarm = self.queue.metric_approximate_number_of_messages_visible().create_alarm(
            self,
            "Alarm",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=f"{name} has dead letters.",
        )
        self.alarm.add_alarm_action(actions.SnsAction(alarms))


class QueueWithDeadLetters(Construct):
    """`reader_timeout`: how long the function may run that reads it."""

    def __init__(
        self, scope: Construct, id: str, *, name: str, alarms: sns.ITopic, reader_timeout: Duration | None = None
    ) -> None:
        super().__init__(scope, id)
        self.dead_letters = DeadLetters(self, "DeadLetters", name=name, alarms=alarms).queue
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            retention_period=Duration.days(4),
            # Six times the time-out of what reads it, as AWS advises.
            visibility_timeout=Duration.seconds(6 * int((reader_timeout or Duration.seconds(10)).to_seconds())),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=5),
            enforce_ssl=True,
        )
