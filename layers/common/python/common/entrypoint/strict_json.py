"""JSON as we take it: without what `json` takes or dies of, and without card numbers."""

import json
import math
import re
from typing import Any

from pydantic_core import from_json

from common.domain.errors import Invalid, Malformed
from common.domain.message import looks_like_a_card

_DIGITS = re.compile(r"(?<![^\W_])(?<!\.)\d(?:[ -]?\d){12,18}(?![^\W_])(?!\.)")
_PHONE = re.compile(r"\+\d{7,15}")  # E.164; one in ten that have 13 digits or more pass the check of a card's


class CardNumberRefused(Invalid): ...


def strict_json(text: str) -> Any:
    """Refuse NaN, half a surrogate pair, nesting without end, a key twice, and numbers no one means."""
    try:
        body = from_json(text, allow_inf_nan=False)
        json.loads(text, object_pairs_hook=_each_key_once, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not valid JSON.") from error
    if isinstance(body, list):  # Powertools would take a list of one for the one
        raise Malformed("The body is not a JSON object.")
    refuse_cards(body, "")
    return body


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _finite(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise ValueError("a number that no float can hold")
    return number


def refuse_cards(value: Any, where: str) -> None:
    """The number itself is in no message of ours: it would end in a log."""
    match value:
        case dict():
            for name, inner in value.items():
                refuse_cards(name, where)
                refuse_cards(inner, f"{where}.{name}" if where else name)
        case list():
            for position, inner in enumerate(value):
                refuse_cards(inner, f"{where}.{position}" if where else str(position))
        case str() if _PHONE.fullmatch(value):
            return
        case str() | int() if any(looks_like_a_card(found) for found in _DIGITS.findall(str(value))):
            raise CardNumberRefused("This looks like a card number. Send the provider's token instead.", field=where)
