"""Who makes a call, as the seam sees it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Caller:
    """A function or saga by its logical name, a carrier of ours by what it carries, or the operator at the console."""

    kind: Literal["function", "saga", "carrier", "operator"]
    name: str
    role: str | None = None  # ARN; None is not authorised against anything
    process: int = 0  # which execution environment of the function


OPERATOR = Caller("operator", "operator")
