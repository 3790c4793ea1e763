"""`./commerce prove`: try to break the platform in every way that can be listed, and say what was tried.

The short form is what `./commerce test` contains. The long one takes every index, every schedule, many examples and
seeds, and hours.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from local.cli import output
from local.cli.synth import ROOT, STATE, ready

COUNTED: Final = re.compile(r"^[.FEsx]*((?:crash anywhere|interleavings|delivery|model)\b.*)$")
# In pytest's words for what was raised, not in the line of code that raised it.
REPRODUCER: Final = re.compile(r"^E\s.*?(?:reproduce|play it again): (.+)$")


@dataclass(frozen=True)
class Proof:
    name: str
    files: tuple[str, ...]
    long: Mapping[str, str] = field(default_factory=dict)  # the environment of its long form


RACES: Final = ("order_races", "shipping_races", "stock", "at_once")
PROOFS: Final = (
    Proof(
        "crash anywhere",
        ("tests/system/test_crash_anywhere.py",),
        {"COMMERCE_CRASH_STEP": "1", "COMMERCE_PAIRS": "all", "COMMERCE_SEVERAL": "1000"},
    ),
    Proof("interleavings", ("tests/system/test_interleavings.py",), {"COMMERCE_SCHEDULES": "all"}),
    Proof("races", tuple(f"tests/system/test_{name}.py" for name in RACES), {"COMMERCE_SEEDS": "20"}),
    Proof("delivery", ("tests/system/test_delivery.py",), {"COMMERCE_WAYS": "all", "COMMERCE_SEEDS": "20"}),
    Proof("dead letters", ("tests/system/test_dead_letters.py",)),
    Proof("model", ("tests/system/test_model.py",), {"COMMERCE_EXAMPLES": "500", "COMMERCE_STEPS": "50"}),
    Proof("attack", ("tests/system/test_attack.py", "tests/system/test_refusals.py")),
    Proof("the document", ("tests/system/test_openapi.py",), {"COMMERCE_EXAMPLES": "100"}),
    Proof("least privilege", ("tests/infrastructure/test_roles.py", "tests/system/local/test_permissions.py")),
)


@dataclass
class Outcome:
    passed: int = 0
    failed: list[str] = field(default_factory=list)  # with how to see it again
    seconds: float = 0.0
    came_to_its_end: bool = True

    @property
    def well(self) -> bool:
        return self.came_to_its_end and not self.failed


def run(names: list[str], *, long: bool) -> int:
    """0 when nothing was broken."""
    if strange := set(names) - {proof.name for proof in PROOFS}:
        known = ", ".join(proof.name for proof in PROOFS)
        raise output.Problem(f"There is no proof named {', '.join(sorted(strange))}; there are {known}.")
    ready()
    STATE.mkdir(exist_ok=True)
    outcomes = {proof.name: _play(proof, long=long) for proof in PROOFS if not names or proof.name in names}
    output.heading("Proofs")
    for name, outcome in outcomes.items():
        told = f"{name:<18}{outcome.passed} of {outcome.passed + len(outcome.failed)}"
        told += "" if outcome.came_to_its_end else ", then it broke off"
        output.tick(told, seconds=outcome.seconds, well=outcome.well)
        for again in outcome.failed:
            output.complain(f"      {again}")
    broken = [name for name, outcome in outcomes.items() if not outcome.well]
    output.heading(f"Broken: {', '.join(broken)}." if broken else "Nothing broke.")
    return 1 if broken else 0


def _play(proof: Proof, *, long: bool) -> Outcome:
    output.heading(proof.name)
    report = STATE / "proof.xml"
    report.unlink(missing_ok=True)
    words = ["-m", "pytest", "-q", "-s", "--tb=short", "--show-capture=no", f"--junit-xml={report}", *proof.files]
    known = os.environ | (proof.long if long else {})
    started, again = time.perf_counter(), []
    with subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env=known, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as played:
        assert played.stdout
        for line in played.stdout:
            if counted := COUNTED.match(line):
                output.say(f"  {counted[1]}")
            if found := REPRODUCER.search(line):
                again.append(found[1].strip())
    outcome = Outcome(seconds=time.perf_counter() - started, came_to_its_end=played.returncode in (0, 1))
    if report.exists():
        outcome.passed, failed = _read(report)
        outcome.failed = list(dict.fromkeys(again)) if len(set(again)) >= len(failed) else failed
    return outcome


def _read(report: Path) -> tuple[int, list[str]]:
    """How many passed, and how to run each that did not."""
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    failed = list(_failed(cases))
    return len(cases) - skipped - len(failed), failed


def _failed(cases: list[ElementTree.Element]) -> Iterator[str]:
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            file = case.get("classname", "").replace(".", "/")
            yield f"./commerce test '{file}.py::{case.get('name')}'"
