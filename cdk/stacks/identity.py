"""Identity: who someone is, over HTTP; and the gate that every signed-in route passes."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.domain import Domain
from cdk.patterns.function import DomainFunction
from cdk.stacks.platform import PlatformStack


class IdentityStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        identity = Domain(self, "identity", platform=platform)
        signing = kms.Key(
            self,
            "TokenKey",
            description="Signs access tokens. Its public half is at /.well-known/jwks.json.",
            key_spec=kms.KeySpec.RSA_2048,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=platform.removal_policy,
            pending_window=Duration.days(7),
        )
        tokens = {"ISSUER": platform.environment_.issuer, "TOKEN_KEYS": signing.key_id}
        api = identity.function(
            "api",
            state=("GetItem", "PutItem", "UpdateItem", "DeleteItem"),
            environment={
                **tokens,
                "ADMIN_EMAIL": platform.environment_.admin_email,
                "MAIL_LINK_KEY": platform.mail_link_key.key_id,
            },
            memory_size=1024,  # a password is hashed in 19 MB, by a processor that comes with memory
        )
        identity.events.grant(api, "dynamodb:PutItem")  # it reads rows, never streams
        signing.grant(api, "kms:Sign", "kms:GetPublicKey")
        platform.mail_link_key.grant(api, "kms:VerifyMac")
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
                    "POST /identity/refresh",
                    "POST /identity/logout",
                    "POST /identity/password/forgot",
                    "POST /identity/password/reset",
                    "GET /.well-known/jwks.json",
                    "GET /.well-known/openid-configuration",
                ],
                signed_in=["GET /identity/me", "PATCH /identity/me", "PUT /identity/users/{id}/roles"],
            )
        ]
