"""The cloud assembly: synthesised when its sources have changed, kept otherwise.

An assembly is kept under the hash of its sources, so one that is being read is never overwritten; `.commerce/cdk.out`
points to the latest.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local.cli.node import NoNode, node
from local.cli.output import Problem, say, step

ROOT: Final = Path(__file__).parents[2]
STATE: Final = ROOT / ".commerce"
ASSEMBLIES: Final = STATE / "assemblies"
LATEST: Final = STATE / "cdk.out"
LOG: Final = STATE / "synth.log"
SOURCES: Final = ("cdk", "functions", "layers", "stepfunctions", "cdk.json", "pyproject.toml", "requirements.lock")
KEPT: Final = 3


class SynthFailed(Exception):
    """The CDK app could not be synthesised. The message is what a person needs to mend it."""


def assembly() -> Path:
    """Where it is. Takes 10 to 20 s when it has to be made, a few milliseconds when not."""
    if (kept := _place()).is_dir():
        return kept
    ASSEMBLIES.mkdir(parents=True, exist_ok=True)
    with (STATE / "synth.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # whoever comes second finds it made
        while not (wanted := _place()).is_dir():
            _make(wanted)
        _point(wanted)
        _forget_old(wanted)
    return wanted


def run() -> None:
    """`./commerce synth`"""
    with step("the cloud assembly"):
        made = ready()
    say(f"{LATEST.relative_to(ROOT)}: {len(templates(made))} stacks")


def ready() -> Path:
    """The assembly, for a command that ends without it."""
    try:
        return assembly()
    except SynthFailed as error:
        raise Problem(f"The CDK app cannot be synthesised.\n{error}") from error


def templates(made: Path) -> list[Path]:
    return sorted(made.glob("*.template.json"))


def is_fresh() -> bool:
    return _place().is_dir()


def _place() -> Path:
    return ASSEMBLIES / _fingerprint()[:16]


def _make(wanted: Path) -> None:
    """It, unless the sources change meanwhile, so that what came out is of neither state."""
    making = ASSEMBLIES / "making"
    shutil.rmtree(making, ignore_errors=True)
    _synthesise(making)
    if _place() == wanted:
        making.rename(wanted)


def _point(wanted: Path) -> None:
    pointer = STATE / "cdk.out.new"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(wanted.relative_to(STATE))
    if LATEST.is_dir() and not LATEST.is_symlink():
        shutil.rmtree(LATEST)
    pointer.replace(LATEST)


def _forget_old(wanted: Path) -> None:
    others = sorted((path for path in ASSEMBLIES.iterdir() if path != wanted), key=lambda path: path.stat().st_mtime)
    for path in others[: 1 - KEPT]:
        shutil.rmtree(path)


def _synthesise(out: Path) -> None:
    context = json.loads((ROOT / "cdk.json").read_text()).get("context", {})  # which only the CDK's own command reads
    try:
        told = {"CDK_OUTDIR": str(out), "CDK_CONTEXT_JSON": json.dumps(context), "JSII_NODE": str(node())}
    except NoNode as error:
        raise SynthFailed(str(error)) from error
    done = subprocess.run(
        [sys.executable, "-m", "cdk.app"],
        cwd=ROOT,
        env={**os.environ, **told},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        LOG.write_text(done.stdout)
        raise SynthFailed(f"{_essence(done.stdout)}\n(All of it is in {LOG.relative_to(ROOT)}.)")


def _essence(said: str) -> str:
    """Of all tracebacks the first, which is the cause of the others: our own last line of code, and the error."""
    first = said.partition("Traceback (most recent call last):\n")[2] or said
    error = re.search(r"^\S.*", first, re.MULTILINE)
    if error is None:
        return "It ended without a word."
    frames = first[: error.start()]
    ours = re.findall(rf'File "{re.escape(str(ROOT))}/(?!\.venv/)([^"]+)", line (\d+)', frames)
    return "".join(f"{path}, line {line}: " for path, line in ours[-1:]) + error[0]


def _fingerprint() -> str:
    seen = hashlib.sha256()
    for file in _files():
        seen.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return seen.hexdigest()


def _files() -> Iterator[Path]:
    for name in SOURCES:
        found = ROOT / name
        candidates = sorted(found.rglob("*")) if found.is_dir() else [found]
        yield from (file for file in candidates if file.is_file() and "__pycache__" not in file.parts)
