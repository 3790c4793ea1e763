"""The synthesised assembly, as the emulator needs it. This is all that differs from what is deployed to AWS:

- the layer holds packages for this machine's Python, which runs the functions there;
- functions that call a provider are told where its sandbox stands.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from local.emulator.ministack import PYTHON, finish

Json = Any
CALLERS = ("STRIPE_SECRET", "EASYPOST_SECRET")  # the environment of whoever calls a provider has one of these


def fit(assembly: Path, target: Path, sandbox_url: str) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(assembly, target)
    for file in target.glob("*.template.json"):
        template = json.loads(file.read_text())
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Lambda::LayerVersion":
                _pack_layer(target / f"asset.{resource['Properties']['Content']['S3Key'].removesuffix('.zip')}")
            if resource["Type"] == "AWS::Lambda::Function":
                _point_at(sandbox_url, resource["Properties"].get("Environment", {}).get("Variables", {}))
        file.write_text(json.dumps(template))


def _pack_layer(asset: Path) -> None:
    shutil.rmtree(asset / "python")
    finish(sys.executable, "-m", "cdk.patterns.packing", str(asset / "python"), str(PYTHON))
    finish(str(PYTHON), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(asset / "python"))


def _point_at(sandbox_url: str, variables: Json) -> None:
    if any(name in variables for name in CALLERS):
        variables["SANDBOX_URL"] = sandbox_url
