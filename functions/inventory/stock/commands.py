"""What may be asked of the stock of a SKU."""

from common.domain.message import Command


class AdjustStock(Command):
    sku: str
    warehouse_id: str
    delta: int
    reason: str
