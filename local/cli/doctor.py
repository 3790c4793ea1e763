"""`./commerce doctor`: what this machine has, and what is missing."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Final

from local.cli import output
from local.cli.node import NoNode, node, version
from local.cli.synth import ROOT, is_fresh
from local.cli.whereabouts import is_free, running

PORT: Final = 8080
NEEDED_GB: Final = 2
LOCK: Final = ROOT / "requirements.lock"


class Missing(Exception):
    """Something to mend, and how."""


def run() -> int:
    """0 when the platform can run here."""
    missing = [fault for name, look in LOOKS.items() if (fault := _look(name, look))]
    output.heading("To mend:" if missing else "Everything is there.")
    for fault in missing:
        output.say(f"  - {fault}")
    return 1 if missing else 0


def _look(name: str, look: Callable[[], str]) -> Missing | None:
    try:
        found, fault = look(), None
    except Missing as missing:
        found, fault = str(missing), missing
    output.say(f"  {'✗' if fault else '✓'} {name:<12} {found}")
    return fault


def _python() -> str:
    return f"{platform.python_version()}, {sys.executable}"


def _packages() -> str:
    asks = (sys.executable, "-m", "uv", "pip", "install", "--dry-run", "--require-hashes", "--python", sys.executable)
    said = subprocess.run([*asks, "-r", LOCK], capture_output=True, text=True, check=False)
    if "Would make no changes" not in said.stderr:
        raise Missing(f"They are not as {LOCK.name} has them. Remove .venv; the next start makes it anew.")
    return f"as {LOCK.name} has them"


def _node() -> str:
    try:
        found = node()
    except NoNode as error:
        raise Missing(str(error)) from error
    return f"{'.'.join(map(str, version(found)))}, {found}"


def _port() -> str:
    if (up := running()) is not None:
        return f"the platform runs at {up['api_url']}"
    if not is_free(PORT):
        raise Missing(f"Port {PORT} is in use by another program; `./commerce up --port` takes another one.")
    return f"{PORT} is free"


def _disk() -> str:
    free = shutil.disk_usage(ROOT).free / 1024**3
    if free < NEEDED_GB:
        raise Missing(f"{free:.1f} GB are free; {NEEDED_GB} are needed.")
    return f"{free:.0f} GB free"


def _memory() -> str:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    if total < NEEDED_GB:
        raise Missing(f"This machine has {total:.1f} GB of memory; {NEEDED_GB} are needed.")
    return f"{total:.0f} GB"


def _assembly() -> str:
    return "synthesised, and as its sources" if is_fresh() else "will be synthesised at the next start, in 10 to 20 s"


LOOKS: Final[dict[str, Callable[[], str]]] = {
    "python": _python,
    "packages": _packages,
    "node": _node,
    "port": _port,
    "disk": _disk,
    "memory": _memory,
    "assembly": _assembly,
}
