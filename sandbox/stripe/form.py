"""Stripe's request bodies: forms whose keys nest, `metadata[order_id]=ord_1&expand[]=latest_charge`."""

import re
from urllib.parse import parse_qsl

from sandbox.request import Json
from sandbox.stripe.errors import InvalidParameter

INTEGER = re.compile(r"-?\d{1,18}")
LARGEST_AMOUNT = 99_999_999  # "supports up to eight digits" (docs.stripe.com/api/payment_intents/object)


def parse_form(encoded: str) -> Json:
    """Nested dicts of strings; `a[]` and `a[0]` make lists, a later value replaces an earlier one."""
    params: Json = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True):
        head, *inner = re.split(r"[\[\]]+", key.removesuffix("]")) if "[" in key else [key]
        node = params
        for name, deeper in zip([head, *inner], inner, strict=False):
            child = node.setdefault(name, [] if deeper == "" or deeper.isdigit() else {})
            if isinstance(child, list):
                child.append(value)
                break
            if not isinstance(child, dict):
                raise InvalidParameter(head, f"Invalid {head}")
            node = child
        else:
            node[inner[-1] if inner else head] = value
    return params


def check_names(params: Json, allowed: frozenset[str]) -> None:
    for name in params:
        if name not in allowed:
            raise InvalidParameter(name, f"Received unknown parameter: {name}", "parameter_unknown")


def required(params: Json, name: str) -> str:
    if not isinstance(params.get(name), str) or not params[name]:
        raise InvalidParameter(name, f"Missing required param: {name}.", "parameter_missing")
    return str(params[name])


def amount(params: Json, name: str, least: int = 1) -> int | None:
    """A number of minor units, or None if there is none."""
    if name not in params:
        return None
    text = params[name]
    if not isinstance(text, str) or not INTEGER.fullmatch(text):
        raise InvalidParameter(name, f"Invalid integer: {text}", "parameter_invalid_integer")
    if int(text) < least:
        message = f"This value must be greater than or equal to {least}."
        raise InvalidParameter(name, message, "parameter_invalid_integer")
    if int(text) > LARGEST_AMOUNT:
        raise InvalidParameter(name, f"Amount must be no more than {LARGEST_AMOUNT}.", "amount_too_large")
    return int(text)


def boolean(params: Json, name: str, default: bool) -> bool:
    value = params.get(name, str(default).lower())
    if value not in ("true", "false"):
        raise InvalidParameter(name, f"Invalid boolean: {value}")
    return bool(value == "true")


def one_of(params: Json, name: str, choices: tuple[str, ...], default: str | None = None) -> str | None:
    value = params.get(name) or default
    if value is not None and value not in choices:
        raise InvalidParameter(name, f"Invalid {name}: must be one of {', '.join(choices)}")
    return value


def metadata(params: Json) -> dict[str, str]:
    given = params.get("metadata") or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise InvalidParameter("metadata", "Invalid hash")
    return given
