"""`./commerce lock`: versions and hashes of what we depend on, without the address of any registry."""

import subprocess
import sys
from typing import Final

from local.cli import output
from local.cli.synth import ROOT

FILES: Final = {"requirements.lock": "--all-groups", "layers/common/requirements.lock": "--no-dev"}
EXPORT: Final = ("export", "--quiet", "--frozen", "--format", "requirements-txt", "--no-emit-project", "--no-header")


def run(*, upgrade: bool) -> None:
    with output.step("the versions that go together"):
        _uv("lock", "--quiet", *(("--upgrade",) if upgrade else ()))
    for file, groups in FILES.items():
        with output.step(file):
            _uv(*EXPORT, groups, "--output-file", file)


def _uv(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "uv", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise output.Problem(done.stderr.strip())
