"""How text is found and put in order: without case and accents, so that `creme` finds `Crème brûlée`. Pure."""

import re
import unicodedata
from collections.abc import Iterable

MAX_WORDS = 200  # of one product; a description's words beyond them are not found
MAX_WORD = 40  # letters of a word that count

_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """NFKD (Unicode Annex 15) without its marks, case-folded."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(*texts: str) -> list[str]:
    """Each once, those of earlier texts first."""
    found = (word[:MAX_WORD] for text in texts for word in _WORD.findall(fold(text)))
    return list(dict.fromkeys(found))[:MAX_WORDS]


def all_begin(wanted: Iterable[str], among: Iterable[str]) -> bool:
    """Whether each wanted word is one of them, or the beginning of one."""
    known = list(among)
    return all(any(word.startswith(beginning) for word in known) for beginning in wanted)
