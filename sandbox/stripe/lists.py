"""Lists, search and expansion: how Stripe's objects are read."""

import re
import time
from collections.abc import Iterable
from typing import Any

from sandbox.request import Json
from sandbox.stripe.account import Account
from sandbox.stripe.errors import InvalidParameter, StripeError
from sandbox.stripe.form import check_names

PAGING = ("created", "limit", "starting_after", "ending_before", "expand")
COMPARE = {
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}
CLAUSE = re.compile(
    r"""(?:metadata\[["'](?P<label>[^"']+)["']\]|(?P<field>status|currency)):["'](?P<value>[^"']*)["']"""
)


def page_of(table: dict[str, Json], url: str, params: Json, filters: tuple[str, ...]) -> Json:
    """One page, the newest first. `filters` are the fields that may be asked to equal a value."""
    check_names(params, frozenset((*PAGING, *filters)))
    found = [each for each in reversed(table.values()) if _matches(each, params, filters)]
    limit = _integer(params, "limit", 10)
    if not 1 <= limit <= 100:
        raise InvalidParameter("limit", "Invalid limit: must be between 1 and 100.", "parameter_invalid_integer")
    if before := params.get("ending_before"):
        newer = found[: _position(found, before, "ending_before")]
        page, more = newer[-limit:], len(newer) > limit
    else:
        after = params.get("starting_after")
        rest = found[_position(found, after, "starting_after") + 1 :] if after else found
        page, more = rest[:limit], len(rest) > limit
    return {"object": "list", "data": page, "has_more": more, "url": url}


def _matches(each: Json, params: Json, filters: tuple[str, ...]) -> bool:
    if any(name in params and each.get(name) != params[name] for name in filters if name != "types"):
        return False
    if "types" in filters and "types" in params and each["type"] not in params["types"]:
        return False
    created = params.get("created", {})
    if not isinstance(created, dict):
        return bool(each["created"] == _integer(params, "created", 0))
    check_names(created, frozenset(COMPARE))
    return all(COMPARE[how](each["created"], _integer(created, how, 0)) for how in created)


def _position(found: list[Json], object_id: str, param: str) -> int:
    for position, each in enumerate(found):
        if each["id"] == object_id:
            return position
    raise InvalidParameter(param, f"No such object: '{object_id}'", "resource_missing")


def _integer(params: Json, name: str, default: int) -> int:
    try:
        return int(params.get(name, default))
    except (TypeError, ValueError) as error:
        raise InvalidParameter(name, f"Invalid integer: {params[name]}", "parameter_invalid_integer") from error


def search(table: dict[str, Json], url: str, params: Json, delay: float) -> Json:
    """Stripe's search language, as far as `metadata['key']:'value'`, `status` and `currency`, joined by AND.

    As on Stripe, search lags: what is younger than `delay` seconds is not found yet. Who must know reads a list.
    """
    check_names(params, frozenset(("query", "limit", "page", "expand")))
    clauses = [CLAUSE.fullmatch(clause.strip()) for clause in re.split(r"\s+AND\s+", params.get("query", ""))]
    if not all(clauses):
        raise InvalidParameter("query", "The search query could not be understood.")
    seen = (each for each in reversed(table.values()) if each["created"] + delay <= time.time())
    found = [each for each in seen if all(clause and _satisfies(each, clause) for clause in clauses)]
    page = found[: _integer(params, "limit", 10)]
    return {"object": "search_result", "data": page, "has_more": len(found) > len(page), "next_page": None, "url": url}


def _satisfies(each: Json, clause: re.Match[str]) -> bool:
    if clause["label"]:
        return bool(each["metadata"].get(clause["label"]) == clause["value"])
    return bool(each[clause["field"]] == clause["value"])


def expand(account: Account, answer: Any, paths: Iterable[str]) -> None:
    """Put objects in the place of their ids, `latest_charge.balance_transaction` or `data.latest_charge`."""
    for path in paths:
        _expand(account, answer, path.split("."), path)


def _expand(account: Account, node: Any, names: list[str], path: str) -> None:
    if isinstance(node, list):
        for each in node:
            _expand(account, each, names, path)
        return
    name, *inner = names
    if not isinstance(node, dict) or name not in node:
        raise _not_expandable(path)
    if isinstance(node[name], str):
        found = account.find(node[name])
        if found is None:
            raise _not_expandable(path)
        node[name] = dict(found)
    if inner and node[name] is not None:
        _expand(account, node[name], inner, path)


def _not_expandable(path: str) -> StripeError:
    # Not an InvalidParameter: the call has run by now, and a repeat with its key must not run it again.
    return StripeError(400, "invalid_request_error", f"This property cannot be expanded ({path}).", param="expand")
