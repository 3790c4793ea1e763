"""What may be asked of the stock of a SKU."""

from common.domain.message import Command


class AdjustStock(Command):
    sku: str
    warehouse_id: str
    delta: int
    reason: str


class SpreadStock(Command):
    """It is hot: count it in `shards` places per warehouse, so that so many can be reserved at once."""

    sku: str
    shards: int


class GatherStock(Command):
    """It is not hot any more: count it in one place per warehouse."""

    sku: str
