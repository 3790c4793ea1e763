"""Notification: mails once per fact, and shows customers what they were sent."""

from aws_cdk import Stack
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
        sender = ses.EmailIdentity(self, "Sender", identity=ses.Identity.email(platform.environment_.mail_from))
        consumer = notification.function(
            "consumer",
            append=True,
            state=("GetItem", "PutItem"),
            environment={
                "ISSUER": platform.environment_.issuer,
                "MAIL_FROM": platform.environment_.mail_from,
                "MAIL_LINK_KEY": platform.mail_link_key.key_id,
            },
        )
        platform.mail_link_key.grant(consumer, "kms:GenerateMac")
        sender.grant_send_email(consumer)
        notification.consumes(HEARS, consumer)
        api = notification.function(
            "api", state=("Query",), environment={"CURSOR_SECRET": platform.cursor_key.secret_name}
        )
        platform.cursor_key.grant_read(api)
        self.routes = [Routes(api, signed_in=["GET /notifications"])]
