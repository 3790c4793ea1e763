"""One Lambda function of a domain, with the house defaults."""

from collections.abc import Mapping
from pathlib import Path

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, Duration, IgnoreMode, ILocalBundling, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk.patterns.packing import pack_layer

ROOT = Path(__file__).parents[2]


@jsii.implements(ILocalBundling)
class _WithUv:
    """The layer for Lambda's Python and processor."""

    def try_bundle(self, output_dir: str, *, image: DockerImage, **_: object) -> bool:
        pack_layer(Path(output_dir, "python"))
        return True


class CommonLayer(lambda_.LayerVersion):
    """layers/common and its packages, whose python/ folder Lambda puts on the path as /opt/python."""

    def __init__(self, scope: Construct, id: str) -> None:
        bundling = BundlingOptions(image=DockerImage.from_registry("scratch"), local=_WithUv())
        super().__init__(
            scope,
            id,
            code=lambda_.Code.from_asset(
                str(ROOT / "layers/common"),
                asset_hash_type=AssetHashType.OUTPUT,
                bundling=bundling,
                exclude=["**/__pycache__"],
            ),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[lambda_.Architecture.ARM_64],
        )


class DomainFunction(lambda_.Function):
    """`handler` is the import path: "order.handlers.api" ships functions/order and nothing else.

    Its name is `commerce-order-api`, so that alarms, logs and people find it. Of logs it may write its own, and not
    any, as AWS's managed policy would let it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        handler: str,
        *,
        layer: lambda_.ILayerVersion,
        environment: Mapping[str, str],
        timeout: Duration | None = None,
        memory_size: int = 512,
        code: lambda_.Code | None = None,
    ) -> None:
        domain, entry = handler.partition(".")[0], handler.rpartition(".")[2]
        name = f"commerce-{domain}-{entry.replace('_', '-')}"
        log = logs.LogGroup(
            scope,
            f"{id}Log",
            log_group_name=f"/aws/lambda/{name}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        role = iam.Role(scope, f"{id}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log.grant_write(role)
        super().__init__(
            scope,
            id,
            function_name=name,
            handler=handler,
            code=code
            or lambda_.Code.from_asset(
                str(ROOT / "functions"), exclude=["/*", f"!/{domain}", "__pycache__"], ignore_mode=IgnoreMode.GIT
            ),
            layers=[layer],
            environment={
                "POWERTOOLS_SERVICE_NAME": domain,
                "POWERTOOLS_METRICS_NAMESPACE": "commerce",
                "POWERTOOLS_LOG_LEVEL": "WARNING",
                **environment,
            },
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            tracing=lambda_.Tracing.ACTIVE,
            timeout=timeout or Duration.seconds(10),
            memory_size=memory_size,
            log_group=log,
            role=role,
            logging_format=lambda_.LoggingFormat.TEXT,
        )
