"""`./commerce doctor`: what this machine has, and what is missing."""

import shutil
import socket
import subprocess
import sys

from local.cli import output
from local.cli.synth import ROOT, is_fresh, path_with_node

NEEDED_GB = 2


def run() -> int:
    """0 when the platform can run here."""
    wrong = [line for line in (_python(), _node(), _port(8080), _disk(), _assembly()) if line]
    output.say("\nEverything is there." if not wrong else "\nTo mend:\n" + "\n".join(f"  - {line}" for line in wrong))
    return 1 if wrong else 0


def _python() -> str | None:
    output.say(f"  python    {sys.version.split()[0]}")
    return None


def _node() -> str | None:
    node = shutil.which("node", path=path_with_node())
    if node is None:
        return "Node is missing, which the CDK runs on: `./commerce lock` and a new start bring it with the packages."
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    output.say(f"  node      {version}")
    return None


def _port(port: int) -> str | None:
    with socket.socket() as probe:
        busy = probe.connect_ex(("127.0.0.1", port)) == 0
    output.say(f"  port      {port} is {'in use' if busy else 'free'}")
    return f"Port {port} is in use: `./commerce up --port` takes another one." if busy else None


def _disk() -> str | None:
    free = shutil.disk_usage(ROOT).free / 1024**3
    output.say(f"  disk      {free:.0f} GB free")
    return f"Less than {NEEDED_GB} GB are free." if free < NEEDED_GB else None


def _assembly() -> str | None:
    output.say(f"  templates {'up to date' if is_fresh() else 'to be synthesised at the next start (10 to 20 s)'}")
    return None
