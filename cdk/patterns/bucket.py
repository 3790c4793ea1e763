"""Buckets, over TLS only: one that nobody reaches but those who are let in, and one that anyone may read."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk.stacks.platform import PlatformStack


class PrivateBucket(s3.Bucket):
    """`forgets_after`: when its objects are deleted; not given, they stay. `public`: parts of it may be shown."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        platform: PlatformStack,
        forgets_after: Duration | None = None,
        public: bool = False,
    ) -> None:
        super().__init__(
            scope,
            id,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ACLS_ONLY if public else s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=forgets_after)] if forgets_after else None,
            removal_policy=platform.removal_policy,
        )

    def show(self, under: str) -> None:
        """To anyone who knows a key that begins so."""
        self.grant_public_access(under, "s3:GetObject")

    def let(self, function: lambda_.IFunction, *actions: str, under: str = "*") -> None:
        """What it may do with objects whose keys begin so, as in "GetObject"."""
        function.add_to_role_policy(
            iam.PolicyStatement(actions=[f"s3:{action}" for action in actions], resources=[self.arn_for_objects(under)])
        )
