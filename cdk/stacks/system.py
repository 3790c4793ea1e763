"""What belongs to no domain: whether the platform is up, and the document of its API."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.patterns.function import ROOT, DomainFunction
from cdk.stacks.platform import PlatformStack


@jsii.implements(ILocalBundling)
class _WithOpenApi:
    """The document is generated from the code of all domains, in a process of its own: this one describes only."""

    def __init__(self, domains: Sequence[str]) -> None:
        self._domains = domains

    def try_bundle(self, output_dir: str, *, image: DockerImage, **_: object) -> bool:
        package = Path(output_dir, "system")
        shutil.copytree(ROOT / "functions/system", package, ignore=shutil.ignore_patterns("__pycache__"))
        path = os.pathsep.join(map(str, (ROOT / "functions", ROOT / "layers/common/python")))
        with (package / "openapi.json").open("w") as document:
            subprocess.run(
                [sys.executable, "-m", "common.entrypoint.openapi", *self._domains, "system"],
                env={**os.environ, "PYTHONPATH": path, "POWERTOOLS_TRACE_DISABLED": "true"},
                stdout=document,
                check=True,
            )
        return True


class SystemStack(Stack):
    def __init__(self, scope: Construct, id: str, *, platform: PlatformStack, domains: Sequence[str]) -> None:
        super().__init__(scope, id)
        bundling = BundlingOptions(image=DockerImage.from_registry("scratch"), local=_WithOpenApi(domains))
        code = lambda_.Code.from_asset(str(ROOT / "functions"), asset_hash_type=AssetHashType.OUTPUT, bundling=bundling)
        api = DomainFunction(self, "Api", "system.handlers.api", layer=platform.layer, environment={}, code=code)
        self.routes = [Routes(api, public=["GET /health", "GET /openapi.json"])]
