"""`./commerce lock`: versions and hashes of what we depend on, without the address of any registry."""

import subprocess
import sys
from typing import Final

from local.cli import output
from local.cli.synth import ROOT

FILES: Final = {"requirements.lock": "--all-groups", "layers/common/requirements.lock": "--no-dev"}
EXPORT: Final = ("export", "--quiet", "--frozen", "--format", "requirements-txt", "--no-emit-project", "--no-header")
EMULATOR: Final = "local/emulator/requirements"  # an environment of its own: it does not go together with ours
COMPILE: Final = ("pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-annotate", "--universal")


def run(*, upgrade: bool) -> None:
    with output.step("the versions that go together"):
        _uv("lock", "--quiet", *(("--upgrade",) if upgrade else ()))
    for file, groups in FILES.items():
        with output.step(file):
            _uv(*EXPORT, groups, "--output-file", file)
    with output.step(f"{EMULATOR}.lock"):
        _uv(*COMPILE, "--python-version", "3.11", f"{EMULATOR}.in", "--output-file", f"{EMULATOR}.lock")


def _uv(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "uv", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise output.Problem(done.stderr.strip())
