"""Whether the tests would notice: take one safeguard after the other out of a copy of the code, and run the tests.

    python -m benchmarks.teeth [--only WORD] [--list]

benchmarks/bites/ names each, and the tests that should fail without it: some by hand, some found in the code. One that
no test misses is a survivor; where something else keeps the promise as well, the list says what, and it is not tried.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from benchmarks.bites import BITES, Bite
from benchmarks.bites.bite import ROOT, NotThere

PARTS: Final = ("functions", "layers", "cdk", "local", "sandbox", "stepfunctions", "tests", "benchmarks")
FILES: Final = ("pyproject.toml", "cdk.json", "requirements.lock", "package.json", "package-lock.json", "commerce")
LONGEST: Final = 1800  # seconds for the tests of one
NOT_COPIED: Final = shutil.ignore_patterns("__pycache__")


class CannotTell(Exception):
    """The tests could not be run, or fail with everything in its place."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="of those whose name has this in it")
    parser.add_argument("--list", action="store_true", help="name them, and try none")
    asked = parser.parse_args()
    wanted = [bite for bite in BITES if asked.only in bite.what]
    if asked.list:
        for bite in wanted:
            print(f"{bite.what}{f'. Also kept: {bite.kept_by}' if bite.kept_by else ''}")
        return 0
    tried = [bite for bite in wanted if not bite.kept_by]
    with tempfile.TemporaryDirectory() as place:
        survivors = [bite.what for bite in tried if not _try(bite, Path(place))]
    print(f"{len(tried) - len(survivors)} of {len(tried)} caught; {len(wanted) - len(tried)} are kept twice")
    for what in survivors:
        print(f"  survived: {what}")
    return 1 if survivors else 0


def _try(bite: Bite, place: Path) -> bool:
    """Whether it is caught; said as well."""
    started = time.perf_counter()
    try:
        noticed = _noticed_by(bite, place)
        told = f"caught {bite.what}, by {noticed}" if noticed else f"MISSED {bite.what}"
    except (CannotTell, NotThere) as error:
        noticed, told = None, f"BROKEN {bite.what}: {error}"
    print(f"{told} ({time.perf_counter() - started:.0f} s)", flush=True)
    return noticed is not None


def _noticed_by(bite: Bite, place: Path) -> str | None:
    """A test that fails without it and passes with it. In a copy: what is being worked on stays as it is."""
    noticed = _failing(_bitten(bite, place / "bitten"), bite.tests)
    if noticed and _failing(_copy(place / "whole"), [noticed]):
        raise CannotTell(f"{noticed} fails with everything in its place")
    return noticed


def _bitten(bite: Bite, copy: Path) -> Path:
    file = _copy(copy) / bite.file
    file.write_text(bite.take_out(file.read_text()))
    return copy


def _copy(copy: Path) -> Path:
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for part in PARTS:
        shutil.copytree(ROOT / part, copy / part, ignore=NOT_COPIED)
    for name in FILES:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy / name)
    return copy


def _failing(copy: Path, tests: Iterable[str]) -> str | None:
    """The first test that fails, as pytest takes it."""
    asked = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            asked, cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=LONGEST
        )
    except subprocess.TimeoutExpired as error:
        raise CannotTell(f"the tests did not end within {LONGEST} s") from error
    if done.returncode not in (0, 1):
        raise CannotTell(f"the tests could not be run\n{done.stdout[-3000:]}")
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if bool(failed) != bool(done.returncode):
        raise CannotTell(f"which test failed is not said\n{done.stdout[-3000:]}")
    return failed[0].partition(" ")[2].partition(" - ")[0] if failed else None


if __name__ == "__main__":
    sys.exit(main())
