"""ministack (PyPI), in an environment of its own, on this machine only, and gone with us."""

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from local.assembly import REGION
from local.cli.account import Account
from local.cli.output import Problem
from local.cli.synth import ROOT, STATE
from local.cli.whereabouts import HOST

ENVIRONMENT: Final = STATE / "ministack-venv"
PYTHON: Final = ENVIRONMENT / "bin/python"
MENDED: Final = ROOT / "local/emulator/mended.py"
LOCK: Final = ROOT / "local/emulator/requirements.lock"
LOG: Final = STATE / "ministack.log"
ACCOUNT: Final = "000000000000"  # as ministack has it
KEYS: Final = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
PATIENCE_S: Final = 30


@dataclass(frozen=True)
class Emulator:
    url: str

    def client(self, service: str) -> Any:
        return Account(endpoint_url=self.url, region_name=REGION, **KEYS).client(service)


def install() -> None:
    """Unless it is there, as the lock file has it."""
    stamp, wanted = ENVIRONMENT / "made-from", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    uv = (sys.executable, "-m", "uv")
    finish(*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT))
    finish(*uv, "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes", "-r", str(LOCK))
    stamp.write_text(wanted)


@contextlib.contextmanager
def running() -> Iterator[Emulator]:
    """One that is ready. It and the processes that it started for functions end with this block."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="ministack-") as scratch, LOG.open("w") as log:
        emulator = Emulator(f"http://{HOST}:{port}")
        told = {
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(port),
            "MINISTACK_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",  # it would listen on all of the machine's addresses
            "SFTP_ENABLED": "0",
            "TMPDIR": scratch,
            "STATE_DIR": scratch,
            "S3_DATA_DIR": scratch,
            "PYTHONDONTWRITEBYTECODE": "1",  # the layer brings its own
        }
        with process([str(PYTHON), "-P", str(MENDED)], told, log, Path(scratch)) as child:
            _await(emulator, child)
            yield emulator


@contextlib.contextmanager
def process(command: list[str], told: dict[str, str], log: object, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """With no more of our environment than it needs: functions inherit it. Ended with its children, by their group."""
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | told
    child = subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdout=log,  # type: ignore[call-overload]
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        for gently in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, gently)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(5)


def finish(*command: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """Run it to its end; return what it said, or raise with that."""
    done = subprocess.run(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise Problem(f"{' '.join(command[:4])} failed.\n{done.stdout.strip()[-3000:]}")
    return done.stdout


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _await(emulator: Emulator, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{emulator.url}/_ministack/health", trust_env=False).is_success:
                return
        time.sleep(0.2)
    raise Problem(f"ministack did not come up. What it said is in {LOG.relative_to(ROOT)}.")
