"""What a bite is, and the ways to take something out of a file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
COMMON: Final = "layers/common/python/common/infrastructure"
ENTRY: Final = "layers/common/python/common/entrypoint"


class NotThere(Exception):
    """The file has no such thing any more: mend the list."""


@dataclass(frozen=True)
class Bite:
    """`kept_by` says what else keeps the promise, where a test cannot notice that one of the two is gone."""

    what: str
    file: str
    take_out: Callable[[str], str]  # the file's text without it; raises NotThere
    tests: tuple[str, ...]
    kept_by: str = ""


def bite(what: str, file: str, old: str, new: str, *tests: str, kept_by: str = "") -> Bite:
    """`tests` are paths below tests/, as pytest takes them."""

    def take_out(text: str) -> str:
        if old not in text:
            raise NotThere(f"{file} has no {old!r} any more")
        return text.replace(old, new)

    return Bite(what, file, take_out, tuple(f"tests/{name}" for name in tests), kept_by)


def always(what: str, file: str, condition: str, *tests: str, kept_by: str = "") -> Bite:
    """A condition of a write that holds whatever stands there. Its values must all be named, so it stays."""
    held = f'"({condition}) OR attribute_exists(#pk) OR attribute_not_exists(#pk)"'
    return bite(f"condition: {what}", file, f'"{condition}"', held, *tests, kept_by=kept_by)


def places(pattern: str) -> list[Path]:
    """Files of functions/ that have it."""
    return [path for path in sorted((ROOT / "functions").rglob("*.py")) if pattern in path.read_text()]
