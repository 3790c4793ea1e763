"""One Lambda function of a domain, with the house defaults."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, Duration, IgnoreMode, ILocalBundling, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

ROOT = Path(__file__).parents[2]
# boto3 is in Lambda's runtime, and the X-Ray SDK drags a second botocore in; what is left out is not imported.
NOT_SHIPPED = ("boto3", "botocore", "s3transfer", "dateutil", "six.py", "bin")


@jsii.implements(ILocalBundling)
class _WithUv:
    """The layer's packages for Lambda's Python and processor, made without Docker, the same bytes each time."""

    def try_bundle(self, output_dir: str, *, image: DockerImage, **_: object) -> bool:
        target = Path(output_dir, "python")
        subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(target)),
                *("--python-platform", "aarch64-manylinux_2_34", "--python-version", "3.13", "--only-binary", ":all:"),
                *("--no-deps", "--require-hashes", "-r", str(ROOT / "layers/common/requirements.lock")),
            ],
            check=True,
        )
        for name in NOT_SHIPPED:
            for path in target.glob(f"{name}*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for record in target.glob("*.dist-info/RECORD"):
            record.unlink()
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "layers/common/python/common", target / "common", ignore=ignore)
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

    Its name is `commerce-order-api`, so that alarms, logs and people find it.
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
            log_group=logs.LogGroup(
                scope,
                f"{id}Log",
                log_group_name=f"/aws/lambda/{name}",
                retention=logs.RetentionDays.ONE_MONTH,
                removal_policy=RemovalPolicy.DESTROY,
            ),
            logging_format=lambda_.LoggingFormat.TEXT,
        )
