"""What the command says while it works: steps with ticks and seconds, and problems in plain words."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console

# The streams as they are now: while a function runs in this process, `sys.stdout` is its log.
_out: Final = Console(file=sys.stdout, highlight=False, soft_wrap=True, emoji=False)
_err: Final = Console(file=sys.stderr, highlight=False, soft_wrap=True, emoji=False)


class Problem(Exception):
    """Something that the user can mend, said so that they can."""


def say(text: str = "") -> None:
    _out.print(text, markup=False)


def heading(text: str) -> None:
    _out.print(f"\n{text}", markup=False, style="bold")


def complain(text: str) -> None:
    _err.print(text, markup=False, style="red")


def tick(text: str, *, seconds: float, well: bool = True, indent: int = 2) -> None:
    """`  ✓ text (1.2 s)`"""
    mark = "[green]✓[/green]" if well else "[red]✗[/red]"
    _out.print(" " * indent + mark, end=" ")
    _out.print(text, markup=False, end=" ")
    _out.print(f"[dim]({seconds:.1f} s)[/dim]")


@contextmanager
def step(what: str) -> Iterator[None]:
    """Said when it begins, where that can be overwritten, and ticked when it has ended. Its error goes on."""
    if _out.is_terminal:
        _out.print(f"  … {what}", markup=False, end="\r")
    started, well = time.perf_counter(), False
    try:
        yield
        well = True
    finally:
        tick(what, seconds=time.perf_counter() - started, well=well)
