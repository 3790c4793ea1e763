"""`./commerce test`: every check and every test, one summary, an honest exit code."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from local.cli import output, privileges
from local.cli.synth import ROOT, STATE, ready, templates

REPORT: Final = STATE / "pytest.xml"


@dataclass(frozen=True)
class Outcome:
    name: str
    well: bool
    seconds: float
    remark: str = ""


def run(arguments: Sequence[str]) -> int:
    """0 when all is well. With arguments, pytest alone, with those."""
    if arguments:
        ready()
        return _python("-m", "pytest", *arguments)
    STATE.mkdir(exist_ok=True)
    started = time.perf_counter()
    outcomes = [_check(name, check) for name, check in CHECKS.items()]
    output.heading("Summary")
    for one in outcomes:
        output.tick(f"{one.name:<16}{one.remark}", seconds=one.seconds, well=one.well)
    took = f"{time.perf_counter() - started:.0f} s"
    failed = [one.name for one in outcomes if not one.well]
    output.heading(f"Failed after {took}: {', '.join(failed)}." if failed else f"All is well, after {took}.")
    return 1 if failed else 0


def _check(name: str, check: Callable[[], int]) -> Outcome:
    output.heading(name)
    started = time.perf_counter()
    try:
        well = check() == 0
    except output.Problem as problem:
        output.complain(str(problem))
        well = False
    return Outcome(name, well, time.perf_counter() - started, _totals() if name == "pytest" else "")


def _synth() -> int:
    output.say(f"{len(templates(ready()))} templates")
    return 0


def _cfn_lint() -> int:
    """W3005, a DependsOn beside a Ref, is the CDK's own noise."""
    lint = "from cfnlint.runner import main; main()"
    return _python("-c", lint, "--ignore-checks", "W3005", "--", *map(str, templates(ready())))


def _pytest() -> int:
    """On two cores, a file on one of them: the tests of a file share a platform."""
    REPORT.unlink(missing_ok=True)
    privileges.forget()
    return _python("-m", "pytest", "-n", "2", "--dist", "loadfile", f"--junit-xml={REPORT}")


def _totals() -> str:
    if not REPORT.exists():
        return "did not run"
    suite = ElementTree.parse(REPORT).getroot()[0]
    counted = {word: int(suite.get(key, 0)) for word, key in _WORDS.items()}
    passed = int(suite.get("tests", 0)) - sum(counted.values())
    return ", ".join([f"{passed} passed", *(f"{number} {word}" for word, number in counted.items() if number)])


_WORDS: Final = {"failed": "failures", "broken": "errors", "skipped": "skipped"}


def _python(*words: str) -> int:
    return subprocess.run([sys.executable, *words], cwd=ROOT, check=False).returncode


CHECKS: Final[dict[str, Callable[[], int]]] = {
    "ruff check": lambda: _python("-m", "ruff", "check"),
    "ruff format": lambda: _python("-m", "ruff", "format", "--check"),
    "mypy": lambda: _python("-m", "mypy"),
    "import-linter": lambda: _python("-c", "from importlinter.cli import lint_imports_command as lint; lint()"),
    "synth": _synth,
    "cfn-lint": _cfn_lint,
    "pytest": _pytest,
    "privileges": privileges.run,
}
