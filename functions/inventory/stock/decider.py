"""The rules of stock. It keeps state, a row per SKU and warehouse, so what is decided on is the row."""

from common.domain.errors import Conflict, Invalid
from inventory.stock.commands import AdjustStock
from inventory.stock.events import StockAdjusted
from inventory.stock.levels import Level

MAX_ON_HAND = 10**9


class InsufficientStock(Conflict): ...


class TooMuchStock(Invalid): ...


def adjust(command: AdjustStock, level: Level) -> StockAdjusted:
    """Raise InsufficientStock when less would be left than nothing, or than orders have reserved."""
    on_hand = level.on_hand + command.delta
    if on_hand < level.reserved:
        raise InsufficientStock("The warehouse has too little that is not reserved.", field="delta")
    if on_hand > MAX_ON_HAND:
        raise TooMuchStock(f"A warehouse holds at most {MAX_ON_HAND} of a SKU.", field="delta")
    return StockAdjusted(
        **command.model_dump(), on_hand=on_hand, reserved=level.reserved, available=on_hand - level.reserved
    )
