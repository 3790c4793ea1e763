"""So many of a SKU: what a parcel holds, what comes back, what a saga works on."""

from collections import Counter
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict


class Units(BaseModel):
    model_config = ConfigDict(frozen=True)
    sku: str
    quantity: int


def counted(units: Iterable[Units]) -> Counter[str]:
    """How many of each SKU."""
    found: Counter[str] = Counter()
    for unit in units:
        found[unit.sku] += unit.quantity
    return found
