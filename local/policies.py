"""IAM's policy language: whether statements allow an action on a resource, given what is known of the request."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

Context = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Statement:
    allow: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> list["Statement"]:
        return [
            cls(
                one["Effect"] == "Allow",
                _list(one.get("Action")),
                _list(one.get("Resource")),
                _list(one.get("NotAction")),
                _list(one.get("NotResource")),
                one.get("Condition", {}),
            )
            for one in _dicts(document["Statement"])
        ]

    def applies(self, action: str, resource: str, context: Context) -> bool:
        return (
            _among(action.lower(), self.actions, self.not_actions, fold=True)
            and _among(resource, self.resources, self.not_resources)
            and all(_holds(operator, tests, context) for operator, tests in self.conditions.items())
        )


def allowed(statements: Iterable[Statement], action: str, resource: str, context: Context) -> bool:
    """An explicit denial wins; what nobody allows is denied."""
    applying = [one for one in statements if one.applies(action, resource, context)]
    return bool(applying) and all(one.allow for one in applying)


def _among(text: str, wanted: tuple[str, ...], unwanted: tuple[str, ...], *, fold: bool = False) -> bool:
    patterns = unwanted or wanted
    found = any(like(text, pattern.lower() if fold else pattern) for pattern in patterns)
    return found != bool(unwanted)


def like(text: str, pattern: str) -> bool:
    return text == pattern or bool(_glob(pattern).fullmatch(text))


@lru_cache(maxsize=4096)
def _glob(pattern: str) -> re.Pattern[str]:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.compile("".join(parts), re.DOTALL)


def _holds(operator: str, tests: Mapping[str, Any], context: Context) -> bool:
    quantifier, _, name = operator.rpartition(":")
    optional = name.endswith("IfExists")
    test = name.removesuffix("IfExists")
    return all(_one_holds(quantifier, test, optional, context.get(key), _list(value)) for key, value in tests.items())


def _one_holds(
    quantifier: str, test: str, optional: bool, actual: tuple[str, ...] | None, wanted: tuple[str, ...]
) -> bool:
    if test == "Null":
        return (actual is None) == (wanted[0].lower() == "true")
    if actual is None:
        return optional or quantifier == "ForAllValues" or "Not" in test
    matches = [any(_compare(test.replace("Not", ""), value, one) for one in wanted) for value in actual]
    if "Not" in test:
        return not any(matches)
    return all(matches) if quantifier == "ForAllValues" else any(matches)


def _compare(test: str, actual: str, wanted: str) -> bool:
    match test:
        case "StringEquals" | "ArnEquals" if "*" not in wanted:
            return actual == wanted
        case "StringEqualsIgnoreCase" | "Bool":
            return actual.lower() == wanted.lower()
        case "StringLike" | "ArnLike" | "ArnEquals":
            return like(actual, wanted)
        case "NumericEquals":
            return float(actual) == float(wanted)
        case _:
            raise NotImplementedError(f"the condition operator {test}")


def _dicts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _list(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(one) if not isinstance(one, bool) else str(one).lower() for one in _dicts(value))
