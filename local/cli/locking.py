"""`./commerce lock`: versions and hashes of what we depend on, without the address of any registry."""

import subprocess
import sys

from local.cli import output
from local.cli.synth import ROOT

FILES = {"requirements.lock": "--all-groups", "layers/common/requirements.lock": "--no-dev"}


def run() -> None:
    for file, groups in FILES.items():
        with output.step(file):
            command = [
                "uv",
                "export",
                "--quiet",
                "--format",
                "requirements-txt",
                groups,
                "--no-emit-project",
                "--no-header",
            ]
            subprocess.run(
                [sys.executable, "-m", *command, "-o", file], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
            )
