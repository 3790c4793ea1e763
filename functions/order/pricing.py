"""What an order costs. All sums in minor units; the parts add up: subtotal - discount + shipping + tax = total.

Catalogue prices are net. Tax is the standard rate of the country the goods go to, on goods and shipping together,
rounded half up once per order.
"""

from collections.abc import Mapping, Sequence

from common.domain.errors import Invalid
from common.domain.money import EXPONENTS, CurrenciesDiffer, Money, total, zero
from order.commands import Price, RequestedItem
from order.events import OrderItem, Priced

# Standard VAT rates in basis points: European Commission, "VAT rates applied in the Member States" (2025).
TAX_RATES = {
    "AT": 2000, "BE": 2100, "BG": 2000, "CY": 1900, "CZ": 2100, "DE": 1900, "DK": 2500, "EE": 2400, "ES": 2100,
    "FI": 2550, "FR": 2000, "GR": 2400, "HR": 2500, "HU": 2700, "IE": 2300, "IT": 2200, "LT": 2100, "LU": 1700,
    "LV": 2100, "MT": 1800, "NL": 2100, "PL": 2300, "PT": 2300, "RO": 2100, "SE": 2500, "SI": 2200, "SK": 2300,
}  # fmt: skip
HOME = "DE"
# In hundredths of the currency's main unit, by method and zone.
SHIPPING_RATES = {
    "standard": {"home": 490, "union": 990, "world": 1990},
    "express": {"home": 990, "union": 1990, "world": 3990},
}


class UnknownSku(Invalid): ...


class PriceTooHigh(Invalid): ...


def price(items: Sequence[RequestedItem], prices: Mapping[str, Price], method: str, country: str) -> Priced:
    """Raise UnknownSku for what is not sold (any more), CurrenciesDiffer for two currencies in one order."""
    lines = tuple(_line(position, item, prices) for position, item in enumerate(items))
    currency = lines[0].total.currency
    if any(line.total.currency != currency for line in lines):
        raise CurrenciesDiffer("An order has one currency.", field="items")
    subtotal, shipping = total((line.total for line in lines), currency), _shipping(method, country, currency)
    tax = _tax(subtotal + shipping, country)
    return Priced(
        items=lines,
        subtotal=subtotal,
        discount=zero(currency),
        shipping=shipping,
        tax=tax,
        total=subtotal + shipping + tax,
    )


def _line(position: int, item: RequestedItem, prices: Mapping[str, Price]) -> OrderItem:
    known = prices.get(item.sku)
    if known is None or known.status != "active":
        raise UnknownSku(f"{item.sku} is not for sale.", field=f"items.{position}.sku")
    if known.unit_price.amount * item.quantity > 10**11:
        raise PriceTooHigh("An order line of this worth is not taken.", field=f"items.{position}.quantity")
    return OrderItem(
        sku=item.sku,
        name=known.name,
        quantity=item.quantity,
        unit_price=known.unit_price,
        total=known.unit_price * item.quantity,
    )


def _shipping(method: str, country: str, currency: str) -> Money:
    zone = "home" if country == HOME else "union" if country in TAX_RATES else "world"
    hundredths = SHIPPING_RATES[method][zone]
    return Money(amount=hundredths * 10 ** EXPONENTS[currency] // 100, currency=currency)


def _tax(net: Money, country: str) -> Money:
    return Money(amount=(net.amount * TAX_RATES.get(country, 0) + 5000) // 10000, currency=net.currency)
