"""Analytics: archives and counts what all others tell, in batches; read by staff; rebuilt from the archive."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.domain import Domain
from cdk.stacks.platform import PlatformStack

ALL: tuple[str, ...] = ()
HEARS = {
    source: ALL
    for source in ("identity", "catalog", "inventory", "order", "payment", "shipping", "notification", "analytics")
}
STEPS = ["RebuildStarted", "RebuildAdvanced", "RebuildFinished", "OldFiguresDropped"]
COUNTS = ("GetItem", "Query", "PutItem", "DeleteItem")


class AnalyticsStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack) -> None:
        super().__init__(scope, id)
        analytics = Domain(self, "analytics", platform=platform)
        self._archive = s3.Bucket(
            self,
            "Archive",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                    noncurrent_version_expiration=Duration.days(30),
                    transitions=[
                        s3.Transition(
                            storage_class=s3.StorageClass.INTELLIGENT_TIERING, transition_after=Duration.days(30)
                        )
                    ],
                )
            ],
            removal_policy=platform.removal_policy,
        )
        bucket = {"ARCHIVE": self._archive.bucket_name}
        consumer = analytics.function(
            "consumer", state=COUNTS, environment=bucket, timeout=Duration.seconds(60), memory_size=1024
        )
        self._allow(consumer, "s3:PutObject", self._archive.arn_for_objects("events/*"))
        window = Duration.seconds(int(self.node.try_get_context("figures_after") or 2))
        analytics.consumes(HEARS, consumer, batch_size=1000, window=window)
        rebuilder = analytics.function(
            "rebuilder",
            append=True,
            state=(*COUNTS, "BatchWriteItem"),
            environment=bucket,
            timeout=Duration.seconds(60),
            memory_size=1024,
        )
        self._allow(rebuilder, "s3:ListBucket", self._archive.bucket_arn)
        self._allow(rebuilder, "s3:GetObject", self._archive.arn_for_objects("events/*"))
        analytics.consumes({"analytics": STEPS}, rebuilder, queue="rebuild", batch_size=1)
        api = analytics.function(
            "api", append=True, state=("GetItem", "BatchGetItem", "Query", "PutItem"), timeout=Duration.seconds(20)
        )
        self.routes = [
            Routes(
                api,
                signed_in=[
                    "GET /analytics/overview",
                    "GET /analytics/sales",
                    "GET /analytics/products/top",
                    "GET /analytics/funnel",
                    "POST /analytics/rebuilds",
                    "GET /analytics/rebuilds/{rebuild_id}",
                ],
            )
        ]

    def _allow(self, function: iam.IGrantable, action: str, resource: str) -> None:
        function.grant_principal.add_to_principal_policy(iam.PolicyStatement(actions=[action], resources=[resource]))
