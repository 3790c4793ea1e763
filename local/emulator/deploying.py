"""The CDK's own command line, as package.json pins it, with nothing of this shell's AWS account in its environment."""

import json
import os
import shutil
from pathlib import Path
from typing import Final

from local.assembly import REGION
from local.cli.node import node
from local.cli.output import Problem
from local.cli.synth import ROOT
from local.emulator.ministack import ACCOUNT, Emulator, finish

CDK: Final = ROOT / "node_modules/aws-cdk"


def install() -> None:
    pinned = json.loads((ROOT / "package.json").read_text())["devDependencies"]["aws-cdk"]
    manifest = CDK / "package.json"
    if manifest.exists() and json.loads(manifest.read_text())["version"] == pinned:
        return
    finish(*_npm(), "install", "--no-package-lock", "--no-audit", "--no-fund")


def bootstrap(emulator: Emulator, assembly: Path) -> None:
    _cdk(emulator, assembly, "bootstrap", f"aws://{ACCOUNT}/{REGION}")


def deploy(emulator: Emulator, assembly: Path) -> dict[str, dict[str, str]]:
    """All stacks; their outputs, by stack."""
    outputs = assembly / "outputs.json"
    _cdk(emulator, assembly, "deploy", "--all", "--require-approval", "never", "--outputs-file", str(outputs))
    found: dict[str, dict[str, str]] = json.loads(outputs.read_text())
    return found


def destroy(emulator: Emulator, assembly: Path) -> None:
    _cdk(emulator, assembly, "destroy", "--all", "--force")


def _cdk(emulator: Emulator, assembly: Path, *words: str) -> None:
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CI": "1",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }
    finish(str(node()), str(CDK / "bin/cdk"), *words, "--app", str(assembly), "--no-notices", cwd=assembly, env=env)


def _npm() -> tuple[str, ...]:
    """That of the Node that came with the packages, or else the machine's."""
    packed = node().parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    if packed.is_file():
        return (str(node()), str(packed))
    if found := shutil.which("npm"):
        return (found,)
    raise Problem("npm is missing, which brings the CDK's command line.")
