"""How hard a password is to guess, as zxcvbn estimates it (Wheeler, USENIX Security 2016). No rules of composition."""

from collections.abc import Iterable

from common.domain.errors import Invalid

SHORTEST, LONGEST = 8, 128  # characters: OWASP ASVS 5.0, 6.2.1 and 6.2.9
SAFE = 3  # of 0 to 4: more than 10^8 guesses; fewer are worth a try even against a slow hash
ESTIMATED = 72  # characters: the time of an estimate grows faster than the length, and what follows only adds


class WeakPassword(Invalid): ...


def require_strong(password: str, about: Iterable[str]) -> None:
    """Raise WeakPassword if it is easily guessed, also by those who know the words `about` its owner and the shop."""
    from zxcvbn import zxcvbn  # 0.2 s of dictionaries, which only two of our routes need

    words = [part for text in about for part in (text, *text.replace("@", " ").replace(".", " ").split())]
    found = zxcvbn(password[:ESTIMATED], user_inputs=[*words, "commerce", "shop"])
    if found["score"] < SAFE:
        why = found["feedback"]["warning"] or "It is easily guessed."
        raise WeakPassword(f"{why} A few words that do not belong together are better.", field="password")
