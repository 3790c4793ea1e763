"""Faults on demand: the next `times` calls of an operation fail in a given way."""

from dataclasses import dataclass


@dataclass
class Fault:
    operation: str
    kind: str
    times: int


class Faults:
    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds
        self.open: list[Fault] = []

    def add(self, operation: str, kind: str, times: int = 1) -> None:
        if kind not in self.kinds:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(self.kinds)}")
        self.open.append(Fault(operation, kind, times))

    def take(self, operation: str, kind: str) -> bool:
        """Whether this call shall fail so; taking a fault uses it up."""
        for fault in self.open:
            if (fault.operation, fault.kind) == (operation, kind):
                fault.times -= 1
                self.open = [each for each in self.open if each.times > 0]
                return True
        return False

    def clear(self) -> None:
        self.open = []
