"""What the command says while it works: steps with ticks and seconds, and problems in plain words."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

_out, _err = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)


class Problem(Exception):
    """Something that the user can mend, said so that they can."""


def say(text: str = "") -> None:
    _out.print(text, markup=False)


def heading(text: str) -> None:
    _out.print(f"\n[bold]{text}[/bold]")


def complain(text: str) -> None:
    _err.print(text, markup=False, style="red")


@contextmanager
def step(what: str) -> Iterator[None]:
    """`  ✓ what (1.2 s)`, or `  ✗ what` and on goes the error."""
    started = time.perf_counter()
    try:
        yield
    except BaseException:
        _out.print(f"  [red]✗[/red] {what}")
        raise
    _out.print(f"  [green]✓[/green] {what} [dim]({time.perf_counter() - started:.1f} s)[/dim]")
