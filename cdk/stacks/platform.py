"""What every domain stands on: the bus, the layer, the keys and secrets, and where alarms ring."""

from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.patterns.function import CommonLayer
from cdk.patterns.person_keys import PersonKeys
from cdk.patterns.secret import GeneratedSecret


@dataclass(frozen=True)
class Environment:
    """What differs from one deployment to the next."""

    issuer: str  # the `iss` of our tokens, and the start of the links in mails
    mail_from: str
    admin_email: str  # whoever confirms this address is an admin
    shop_name: str  # above each mail
    keep_data: bool = True


class PlatformStack(Stack):
    def __init__(self, scope: Construct, id: str, *, environment: Environment) -> None:
        super().__init__(scope, id)
        self.environment_ = environment
        self.removal_policy = RemovalPolicy.RETAIN if environment.keep_data else RemovalPolicy.DESTROY
        self.bus = events.EventBus(self, "Bus", event_bus_name="commerce")
        self.layer = CommonLayer(self, "Common")
        self.alarms = sns.Topic(self, "Alarms", topic_name="commerce-alarms", enforce_ssl=True)
        self.cursor_key = GeneratedSecret(self, "CursorKey", "commerce/cursors", generated="key")
        # Not to be changed: links in old mails would be void, and stopped addresses unknown.
        self.mail_seal_key = GeneratedSecret(self, "MailSealKey", "commerce/mail-seals", generated="key")
        self.person_keys = PersonKeys(self, "PersonKeys", removal_policy=self.removal_policy)
        self.mail_link_key = kms.Key(
            self,
            "MailLinkKey",
            description="Seals the links in mails: who confirms an address or resets a password has read the mail.",
            key_spec=kms.KeySpec.HMAC_256,
            key_usage=kms.KeyUsage.GENERATE_VERIFY_MAC,
            removal_policy=self.removal_policy,
            pending_window=Duration.days(7),
        )
