"""Identity: who someone is, over HTTP; the gate that every signed-in route passes; and who did what."""

from aws_cdk import Arn, ArnComponents, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.domain import Domain
from cdk.patterns.function import DomainFunction
from cdk.stacks.platform import PlatformStack

TOKEN_KEYS = "alias/commerce/tokens"
BY_STAFF = events.EventPattern(detail={"actor_role": ["staff", "admin"]})


class TokenKeys(Construct):
    """What signs access tokens. The aliases are moved by `./commerce keys rotate`; the first key is made here."""

    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        first = kms.Key(
            self,
            "First",
            description="Signs access tokens. Its public half is at /.well-known/jwks.json.",
            key_spec=kms.KeySpec.RSA_2048,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=platform.removal_policy,
            pending_window=Duration.days(7),
        )
        names = {"Current": TOKEN_KEYS, "Previous": f"{TOKEN_KEYS}-previous"}
        self._aliases = [kms.Alias(self, id, alias_name=name, target_key=first) for id, name in names.items()]

    def grant(self, function: DomainFunction, *actions: str) -> None:
        """By the alias that is asked for, whichever key it names by then."""
        keys = Arn.format(ArnComponents(service="kms", resource="key", resource_name="*"), Stack.of(self))
        by_alias = {"StringEquals": {"kms:RequestAlias": [alias.alias_name for alias in self._aliases]}}
        statement = iam.PolicyStatement(actions=list(actions), resources=[keys], conditions=by_alias)
        function.add_to_role_policy(statement)
        function.node.add_dependency(*self._aliases)


class IdentityStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        identity = Domain(self, "identity", platform=platform)
        signing = TokenKeys(self, "TokenKeys", platform=platform)
        second_factor = kms.Key(
            self,
            "SecondFactorKey",
            description="Seals the secrets of second factors.",
            enable_key_rotation=True,
            removal_policy=platform.removal_policy,
            pending_window=Duration.days(7),
        )
        tokens = {"ISSUER": platform.environment_.issuer, "TOKEN_KEYS": TOKEN_KEYS}
        api = identity.function(
            "api",
            state=("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"),
            environment={
                **tokens,
                "ADMIN_EMAIL": platform.environment_.admin_email,
                "MAIL_LINK_KEY": platform.mail_link_key.key_id,
                "SECOND_FACTOR_KEY": second_factor.key_id,
                "CURSOR_SECRET": platform.cursor_key.secret_name,
            },
            memory_size=1024,  # a password is hashed in 19 MB, by a processor that comes with memory
        )
        identity.events.grant(api, "dynamodb:PutItem")  # it reads rows, never streams
        signing.grant(api, "kms:Sign", "kms:GetPublicKey", "kms:DescribeKey")
        second_factor.grant(api, "kms:Encrypt", "kms:Decrypt")
        platform.person_keys.used_by(api, "make", "seal", "destroy")
        platform.mail_link_key.grant(api, "kms:VerifyMac")
        platform.cursor_key.let(api)
        consumer = identity.function("consumer", state=("PutItem", "Query", "DeleteItem"))
        identity.consumes({"identity": ["CustomerErased"]}, consumer, patterns={"Staff": BY_STAFF})
        self.authorizer = DomainFunction(
            self,
            "Authorizer",
            "identity.authorizer.handlers.authorizer",
            layer=platform.layer,
            environment=tokens,
        )
        signing.grant(self.authorizer, "kms:GetPublicKey")
        self.routes = [
            Routes(
                api,
                public=[
                    "POST /identity/register",
                    "POST /identity/confirm",
                    "POST /identity/login",
                    "POST /identity/guest",
                    "POST /identity/refresh",
                    "POST /identity/logout",
                    "POST /identity/password/forgot",
                    "POST /identity/password/reset",
                    "GET /.well-known/jwks.json",
                    "GET /.well-known/openid-configuration",
                ],
                signed_in=[
                    "GET /identity/me",
                    "PATCH /identity/me",
                    "DELETE /identity/me",
                    "POST /identity/password/change",
                    "POST /identity/mfa",
                    "POST /identity/mfa/confirm",
                    "DELETE /identity/mfa",
                    "GET /identity/sessions",
                    "DELETE /identity/sessions/{sid}",
                    "PUT /identity/users/{id}/roles",
                    "GET /identity/audit",
                ],
            )
        ]
