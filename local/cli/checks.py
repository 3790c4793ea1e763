"""`./commerce test`: every check and every test, one summary, an honest exit code."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from local.cli import output
from local.cli.synth import ROOT, SynthFailed, assembly


@dataclass(frozen=True)
class Check:
    name: str
    command: Sequence[str]


CHECKS = (
    Check("ruff", ("-m", "ruff", "check")),
    Check("format", ("-m", "ruff", "format", "--check")),
    Check("mypy", ("-m", "mypy")),
    Check("imports", ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")),
)


def run(arguments: Sequence[str]) -> int:
    """0 when all is well. With arguments, pytest alone."""
    if arguments:
        _synthesise()
        return _run(Check("pytest", ("-m", "pytest", *arguments)))
    started = time.perf_counter()
    failed = [check.name for check in CHECKS if _run(check)]
    _synthesise()
    templates = sorted(str(path) for path in assembly().glob("*.template.json"))
    for check in (
        # W3005 is the CDK's own noise: a DependsOn beside a Ref.
        Check("cfn-lint", ("-m", "cfnlint", "--ignore-checks", "W3005", "--", *templates)),
        Check("pytest", ("-m", "pytest", "-n", "2", "--dist", "worksteal", "-q")),
    ):
        if _run(check):
            failed.append(check.name)
    took = f"{time.perf_counter() - started:.0f} s"
    output.heading(f"All checks passed in {took}." if not failed else f"Failed after {took}: {', '.join(failed)}.")
    return 1 if failed else 0


def _synthesise() -> None:
    try:
        with output.step("the cloud assembly"):
            assembly()
    except SynthFailed as error:
        raise output.Problem(f"The CDK app cannot be synthesised:\n{error}") from error


def _run(check: Check) -> int:
    output.heading(check.name)
    return subprocess.run([sys.executable, *check.command], cwd=ROOT, check=False).returncode
