"""What an order refuses, by name: the class is what sagas catch, and what clients read as `code`."""

from common.domain.errors import Conflict


class OrderNotOpen(Conflict):
    """It has been decided otherwise."""


class NotCancellable(Conflict): ...


class PriceChanged(Conflict): ...


class NotInTheOrder(Conflict):
    """A parcel holds what the order does not have, or has sent already."""


class NothingToRetry(Conflict):
    """No saga waits: retrying would do nothing."""


class NotCompensable(Conflict): ...


class NotSettleable(Conflict):
    """It goes on by itself, or has ended."""


class StillMoving(Conflict):
    """A saga that was started may still be at work, and would act behind the back of whoever closes the order."""


class MoneyIsHeld(Conflict): ...


class StockIsReserved(Conflict): ...
