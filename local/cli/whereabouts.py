"""`.commerce/local.json`: where the running platform is, and how to sign in to it."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from typing import Any, Final

import httpx

from local.cli.output import Problem
from local.cli.synth import STATE

FILE: Final = STATE / "local.json"
HOST: Final = "127.0.0.1"
Whereabouts = dict[str, Any]


@contextlib.contextmanager
def announced(found: Whereabouts) -> Iterator[None]:
    """Whoever finds the file finds a running platform, unless it was killed: its file leads nowhere."""
    STATE.mkdir(exist_ok=True)
    text = json.dumps(found, indent=2) + "\n"
    fresh = FILE.with_suffix(f".{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(FILE)
    try:
        yield
    finally:
        if FILE.exists() and FILE.read_text() == text:  # and not that of a platform that came up after us
            FILE.unlink()


def running() -> Whereabouts | None:
    """The platform that runs, if one does."""
    try:
        found: Whereabouts = json.loads(FILE.read_text())
        with client(found, timeout=5) as asked:
            return found if "now" in asked.get("/_local/clock").json() else None
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError):
        return None


def client(found: Whereabouts, timeout: float = 30) -> httpx.Client:
    """Straight to it, whatever proxy this machine goes out by."""
    return httpx.Client(base_url=found["api_url"], timeout=timeout, trust_env=False)


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True


def claim(port: int) -> None:
    """Raise before anything is begun for nothing."""
    if not is_free(port):
        raise Problem(f"Port {port} of {HOST} is in use; choose another one with --port.")
