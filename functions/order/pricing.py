"""What an order costs. All sums in minor units; the parts add up: subtotal - discount + shipping + tax = total.

Catalogue prices are net. A coupon takes off the goods, never off shipping. Tax is the rate of the country the goods
go to, on what is left of the goods and on shipping together, rounded half up once per order. Every line has its
share of discount and tax, by largest remainder, so that what a part of an order costs can be told to the minor unit;
what no line has of the tax is shipping's.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from common.domain.errors import Invalid
from common.domain.money import CurrenciesDiffer, Money, split, total, zero
from common.domain.shipping_rates import DEFAULT_GRAMS, ShippingRates, total_grams
from order.coupon import Coupon, UnknownCoupon, discount
from order.events import OrderItem, Priced
from order.units import Units

HOME = "DE"  # where a quote without an address is for
MAX_WORTH = 10**11  # of the goods

P = TypeVar("P", bound=Priced)


class UnknownSku(Invalid): ...


class PriceTooHigh(Invalid): ...


class Price(BaseModel):
    """What catalog last said about a SKU."""

    model_config = ConfigDict(frozen=True)
    name: str
    unit_price: Money
    status: str = "active"
    grams: int = DEFAULT_GRAMS


class TaxRates(BaseModel):
    """By country, in basis points. What goes where there is no rate is an export, and not taxed."""

    model_config = ConfigDict(frozen=True)
    basis_points: Mapping[str, int]

    def tax(self, net: Money, country: str) -> Money:
        """Rounded half up."""
        rate = self.basis_points.get(country, 0)
        return Money(amount=(net.amount * rate + 5000) // 10000, currency=net.currency)


class Terms(BaseModel):
    """What an order is priced by."""

    model_config = ConfigDict(frozen=True)
    prices: Mapping[str, Price]
    tax_rates: TaxRates
    shipping_rates: ShippingRates
    coupon: Coupon | None = None  # the one that is asked for, if there is such a one


def price(
    items: Sequence[Units], terms: Terms, *, method: str, country: str, coupon: str | None, at: datetime
) -> Priced:
    """Raise UnknownSku for what is not sold (any more), CurrenciesDiffer for two currencies in one order, or what
    its coupon is refused for."""
    lines = tuple(_line(position, item, terms.prices) for position, item in enumerate(items))
    currency = lines[0].total.currency
    if any(line.total.currency != currency for line in lines):
        raise CurrenciesDiffer("An order has one currency.", field="items")
    grams = total_grams(((item.sku, item.quantity) for item in items), {s: p.grams for s, p in terms.prices.items()})
    if sum(line.total.amount for line in lines) > MAX_WORTH:
        raise PriceTooHigh("An order of this worth is not taken.", field="items")
    subtotal = total((line.total for line in lines), currency)
    taken_off = _taken_off(coupon, terms.coupon, subtotal, at)
    shipping = terms.shipping_rates.price(method, country, grams, currency)
    net = subtotal - taken_off + shipping
    tax = terms.tax_rates.tax(net, country)
    whole = {"subtotal": subtotal, "discount": taken_off, "shipping": shipping, "tax": tax, "total": net + tax}
    return shared_out(Priced(items=lines, **whole))


def _line(position: int, item: Units, prices: Mapping[str, Price]) -> OrderItem:
    known = prices.get(item.sku)
    if known is None or known.status != "active":
        raise UnknownSku(f"{item.sku} is not for sale.", field=f"items.{position}.sku")
    if known.unit_price.amount * item.quantity > MAX_WORTH:
        raise PriceTooHigh("An order line of this worth is not taken.", field=f"items.{position}.quantity")
    return OrderItem(
        sku=item.sku,
        name=known.name,
        quantity=item.quantity,
        unit_price=known.unit_price,
        total=known.unit_price * item.quantity,
    )


def _taken_off(code: str | None, coupon: Coupon | None, subtotal: Money, at: datetime) -> Money:
    if code is None:
        return zero(subtotal.currency)
    if coupon is None:
        raise UnknownCoupon("There is no such coupon.")
    return discount(coupon, subtotal, at)


def shared_out(priced: P) -> P:
    """The same with each line's share of discount and tax, where they are not said."""
    lines = priced.items
    if all(line.discount is not None and line.tax is not None for line in lines):
        return priced
    discounts = split(priced.discount, [line.total.amount for line in lines])
    nets = [line.total.amount - off.amount for line, off in zip(lines, discounts, strict=True)]
    taxes = split(priced.tax, [*nets, priced.shipping.amount])
    shared = (
        line.model_copy(update={"discount": off, "tax": tax})
        for line, off, tax in zip(lines, discounts, taxes, strict=False)
    )
    return priced.model_copy(update={"items": tuple(shared)})


def cost_of(line: OrderItem, before: int, units: int) -> Money:
    """What the next `units` of a line cost when `before` of them are accounted for, discount and tax included.

    However a line is taken apart, the parts cost what it costs.
    """
    off, tax = line.discount or zero(line.total.currency), line.tax or zero(line.total.currency)
    whole = (line.total - off + tax).amount
    first, last = (whole * count // line.quantity for count in (before, before + units))
    return Money(amount=last - first, currency=line.total.currency)
