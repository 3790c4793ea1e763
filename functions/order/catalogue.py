"""Order's own copy of what catalog says, fed by its events; and how often each coupon is used, which order counts.

    pk              sk               what
    price#<sku>     -                what catalog last said; version is catalog's sequence
    coupon#<code>   -                the coupon as catalog made it
    coupon#<code>   uses             in all, where there is a limit to it
    coupon#<code>   uses#<customer>  by one customer, likewise

A use is counted in the transaction of OrderPlaced, on the condition that one is left, and given back in that of
OrderRejected or OrderCancelled: so the count is always that of the orders which use the coupon.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from common.domain.errors import ConcurrentWrite
from common.domain.message import Message
from common.domain.shipping_rates import grams_of
from common.infrastructure.rows import THE_ONE, Rows
from common.infrastructure.transaction import Write, update
from order.coupon import Coupon, CouponUsedUp, canonical
from order.events import AnyOrderEvent, OrderCancelled, OrderPlaced, OrderRejected, Redemption
from order.pricing import Price

USES = "uses"
ONE_LEFT = "attribute_not_exists(#uses) OR #uses < :most"


class Known(NamedTuple):
    """What was asked for, as far as it exists. `used` says how often the coupon is, where it has a limit."""

    prices: dict[str, Price]
    coupon: Coupon | None = None
    used: int = 0


class Catalogue:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def of(self, skus: Sequence[str], code: str | None = None) -> Known:
        """In one request. At most 98 SKUs."""
        keys = [(f"price#{sku}", THE_ONE) for sku in skus]
        if code is not None:
            keys += [(_coupon(code), THE_ONE), (_coupon(code), USES)]
        rows = {(row["pk"], row["sk"]): row for row in self._rows.get_all(keys)}
        prices = {
            pk.removeprefix("price#"): Price.model_validate(row)
            for (pk, _), row in rows.items()
            if pk.startswith("price#")
        }
        if code is None or (_coupon(code), THE_ONE) not in rows:
            return Known(prices)
        coupon = Coupon.model_validate(rows[_coupon(code), THE_ONE])
        return Known(prices, coupon, rows.get((_coupon(code), USES), {}).get(USES, 0))

    def learn(self, message: Message) -> None:
        """A product's or a coupon's newest state. Old news changes nothing."""
        row = _priced(message.data["product"]) if "product" in message.data else _made(message.data["coupon"])
        self._rows.project(row, message.sequence)

    def along(self, events: Sequence[AnyOrderEvent]) -> list[Write]:
        """The uses that are taken and given back with these events, for their transaction."""
        writes: list[Write] = []
        for event in events:
            match event:
                case OrderPlaced(coupon=Redemption() as use):
                    writes += [self._take(use, *counter) for counter in _counters(use, event.customer_id)]
                case OrderRejected(coupon=Redemption() as use) | OrderCancelled(coupon=Redemption() as use):
                    writes += [self._give_back(use, counter) for counter, _ in _counters(use, event.customer_id)]
        return writes

    def _take(self, use: Redemption, counter: str, most: int) -> Write:
        used_up = CouponUsedUp("This coupon is used up." if counter == USES else "You have used this coupon already.")
        key = {"pk": _coupon(use.code), "sk": counter}
        return update(self._rows.table, key, "ADD #uses :one", used_up, ONE_LEFT, one=1, most=most)

    def _give_back(self, use: Redemption, counter: str) -> Write:
        """Without a condition: nothing may keep an order from being undone."""
        key, outrun = {"pk": _coupon(use.code), "sk": counter}, ConcurrentWrite("The coupon has just been used.")
        return update(self._rows.table, key, "ADD #uses :less", outrun, "", less=-1)


def _counters(use: Redemption, customer_id: str) -> list[tuple[str, int]]:
    """Sort keys with their limits. What has no limit is not counted, and nobody waits for anybody there."""
    limits = ((USES, use.max_uses), (f"{USES}#{customer_id}", use.max_uses_per_customer))
    return [(counter, most) for counter, most in limits if most is not None]


def _coupon(code: str) -> str:
    return f"coupon#{canonical(code)}"


def _priced(product: dict[str, Any]) -> dict[str, Any]:
    price = Price(
        name=product["name"],
        unit_price=product["price"],
        status=product["status"],
        grams=grams_of(product.get("attributes") or {}),
    )
    return {"pk": f"price#{product['sku']}", "sk": THE_ONE, **price.model_dump()}


def _made(coupon: dict[str, Any]) -> dict[str, Any]:
    made = Coupon.model_validate(coupon)
    return {"pk": _coupon(made.code), "sk": THE_ONE, **made.model_dump(mode="json", exclude_none=True)}
