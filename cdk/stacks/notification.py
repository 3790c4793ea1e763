"""Notification: mails once per fact, and shows customers what they were sent."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ses as ses
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.domain import Domain
from cdk.stacks.platform import PlatformStack

HEARS = {
    "identity": [
        "CustomerRegistered",
        "ConfirmationRequested",
        "CustomerConfirmed",
        "PasswordResetRequested",
        "ProfileChanged",
    ],
    "order": ["OrderConfirmed", "OrderRejected", "OrderShipped", "OrderDelivered", "OrderCancelled"],
    "payment": ["PaymentRefunded"],
}


class NotificationStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        notification = Domain(self, "notification", platform=platform)
        mail_from = platform.environment_.mail_from
        sender = ses.EmailIdentity(self, "Sender", identity=ses.Identity.domain(mail_from.partition("@")[2]))
        consumer = notification.function(
            "consumer",
            state=("GetItem", "PutItem", "UpdateItem"),
            environment={
                "ISSUER": platform.environment_.issuer,
                "MAIL_FROM": mail_from,
                "MAIL_LINK_KEY": platform.mail_link_key.key_id,
            },
        )
        notification.events.grant(consumer, "dynamodb:PutItem")  # it reads rows, never streams
        platform.mail_link_key.grant(consumer, "kms:GenerateMac")
        consumer.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ses:SendEmail"],
                resources=[sender.email_identity_arn],
                conditions={"StringEquals": {"ses:FromAddress": mail_from}},
            )
        )
        notification.consumes(HEARS, consumer)
        api = notification.function(
            "api", state=("Query",), environment={"CURSOR_SECRET": platform.cursor_key.secret_name}
        )
        platform.cursor_key.grant_read(api)
        self.routes = [Routes(api, signed_in=["GET /notifications"])]
