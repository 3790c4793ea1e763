"""Notification: mails and text messages once per fact; hears from SES what came back; shows customers what they got."""

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ses as ses
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.domain import Domain
from cdk.patterns.queue import QueueWithDeadLetters
from cdk.stacks.platform import PlatformStack

HEARS: Final = {
    "identity": [
        "CustomerRegistered",
        "ConfirmationRequested",
        "RegistrationRepeated",
        "CustomerConfirmed",
        "GuestAdmitted",
        "ProfileChanged",
        "PasswordResetRequested",
        "PasswordChanged",
        "SecondFactorEnabled",
        "SecondFactorDisabled",
        "CustomerErased",
    ],
    "order": [
        "OrderConfirmed",
        "OrderRejected",
        "OrderPartShipped",
        "OrderShipped",
        "OrderDelivered",
        "OrderCancelRefused",
        "OrderCancelled",
        "ReturnApproved",
        "ReturnRejected",
        "ReturnReceived",
    ],
    "payment": ["PaymentActionRequired", "PaymentRefunded"],
}

_field = events.EventField.from_path
# What SES tells of a mail, by its own names: the kind, the event's id, more to match, and what we want to know.
TOLD_BY_SES: Final[Mapping[str, tuple[str, str, Mapping[str, Any], Mapping[str, str]]]] = {
    "Email Sent": ("Send", _field("$.detail.mail.messageId"), {}, {}),
    "Email Bounced": (
        "Bounce",
        _field("$.detail.bounce.feedbackId"),
        {},
        {"kind": _field("$.detail.bounce.bounceType"), "detail": _field("$.detail.bounce.bounceSubType")},
    ),
    "Email Complaint Received": (
        "Complaint",
        _field("$.detail.complaint.feedbackId"),
        # Some who complain take it back, and that is told as a complaint as well.
        {"complaint": {"complaintFeedbackType": [{"exists": False}, {"anything-but": ["not-spam"]}]}},
        {},
    ),
}


class NotificationStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        notification = Domain(self, "notification", platform=platform, tells_after=Duration.seconds(1))
        mail_from = platform.environment_.mail_from
        sender = ses.EmailIdentity(self, "Sender", identity=ses.Identity.domain(mail_from.partition("@")[2]))
        mails = ses.ConfigurationSet(self, "Mails", configuration_set_name="commerce-mails", reputation_metrics=True)
        consumer = notification.function(
            "consumer",
            append=True,
            state=("GetItem", "Query", "PutItem", "DeleteItem"),
            environment={
                "ISSUER": platform.environment_.issuer,
                "SHOP_NAME": platform.environment_.shop_name,
                "MAIL_FROM": mail_from,
                "CONFIGURATION_SET": mails.configuration_set_name,
                "MAIL_LINK_KEY": platform.mail_link_key.key_id,
                "MAIL_SEAL_SECRET": platform.mail_seal_key.secret_name,
            },
        )
        platform.mail_link_key.grant(consumer, "kms:GenerateMac")
        platform.mail_seal_key.let(consumer)
        platform.person_keys.used_by(consumer, "open")
        consumer.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ses:SendEmail"],
                resources=[
                    sender.email_identity_arn,
                    self.format_arn(service="ses", resource="configuration-set", resource_name="commerce-mails"),
                ],
                conditions={"StringEquals": {"ses:FromAddress": mail_from}},
            )
        )
        # A phone number is no resource: this is all that is no topic.
        consumer.add_to_role_policy(iam.PolicyStatement(actions=["sns:Publish"], not_resources=["arn:aws:sns:*:*:*"]))
        queue = notification.consumes(HEARS, consumer, window=Duration.seconds(1))
        self._hear_ses(mails, queue)
        api = notification.function(
            "api",
            state=("Query", "PutItem", "ConditionCheckItem"),
            environment={
                "CURSOR_SECRET": platform.cursor_key.secret_name,
                "MAIL_SEAL_SECRET": platform.mail_seal_key.secret_name,
            },
        )
        notification.events.grant(api, "dynamodb:PutItem")  # it knows the version from a row
        platform.cursor_key.let(api)
        platform.mail_seal_key.let(api)
        self.routes = [
            Routes(
                api,
                public=["GET /notifications/unsubscribe", "POST /notifications/unsubscribe"],
                signed_in=[
                    "GET /notifications",
                    "GET /notifications/preferences",
                    "PUT /notifications/preferences",
                ],
            )
        ]

    def _hear_ses(self, mails: ses.ConfigurationSet, queue: QueueWithDeadLetters) -> None:
        """SES tells the default bus and no other. Its events become messages of ours that name nobody: they hold the
        mail's headers, and thus an address and a token, which have no business in a queue."""
        default = events.EventBus.from_event_bus_name(self, "Default", "default")
        mails.add_event_destination(
            "ToBus",
            destination=ses.EventDestination.event_bus(default),
            events=[ses.EmailSendingEvent.SEND, ses.EmailSendingEvent.BOUNCE, ses.EmailSendingEvent.COMPLAINT],
        )
        for detail_type, (kind, event_id, match, data) in TOLD_BY_SES.items():
            ours = {"ses:configuration-set": [mails.configuration_set_name], "notification_id": [{"exists": True}]}
            message = {
                "id": event_id,
                "source": "ses",
                "type": kind,
                "subject": _field("$.detail.mail.messageId"),
                "time": _field("$.time"),
                "sequence": 1,
                "actor": "ses",
                "correlation_id": _field("$.detail.mail.messageId"),
                "causation_id": _field("$.id"),
                "data": {"notification_id": _field("$.detail.mail.tags.notification_id[0]"), **data},
            }
            events.Rule(
                self,
                f"Hears{kind}",
                event_pattern=events.EventPattern(
                    source=["aws.ses"], detail_type=[detail_type], detail={"mail": {"tags": ours}, **match}
                ),
                targets=[
                    targets.SqsQueue(
                        queue.queue,
                        message=events.RuleTargetInput.from_object(message),
                        dead_letter_queue=queue.dead_letters,
                    )
                ],
            )
