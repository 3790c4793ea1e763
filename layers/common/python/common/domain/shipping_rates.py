"""What sending costs: a table by method, zone and weight. Pure.

Order prices with it and shipping quotes with it, so what a customer was quoted is what they pay.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from common.domain.money import EXPONENTS, Money

DEFAULT_GRAMS = 500  # of a product that does not say what it weighs
HEAVIEST_PRODUCT = 1_000_000  # grams; whoever says more has mistaken the unit


class Service(BaseModel):
    """How long it takes, and what a parcel of each weight band costs, in hundredths of a currency's main unit."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    days: Annotated[int, Field(ge=1)]
    prices: tuple[Annotated[int, Field(ge=0)], ...]


class ShippingRates(BaseModel):
    """`bands` are the heaviest weights of each band, in grams. What is heavier than the last goes as several parcels.

    A country that no zone names is in the zone `elsewhere`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    bands: tuple[Annotated[int, Field(gt=0)], ...]
    zones: dict[str, frozenset[str]]
    elsewhere: str
    services: dict[str, dict[str, Service]]  # by method and zone

    @model_validator(mode="after")
    def is_complete(self) -> "ShippingRates":
        if not self.bands or list(self.bands) != sorted(set(self.bands)):
            raise ValueError("the bands ascend")
        for method, by_zone in self.services.items():
            if set(by_zone) != {*self.zones, self.elsewhere}:
                raise ValueError(f"{method} has a price for each zone")
            if any(len(service.prices) != len(self.bands) for service in by_zone.values()):
                raise ValueError(f"{method} has a price for each band")
        return self

    def price(self, method: str, country: str, grams: int, currency: str) -> Money:
        """Of a consignment, as few parcels as the heaviest band allows. Raises KeyError for an unknown method."""
        prices = self._service(method, country).prices
        full, rest = divmod(max(grams, 1), self.bands[-1])
        hundredths = full * prices[-1] + (prices[bisect_left(self.bands, rest)] if rest else 0)
        return Money(amount=hundredths * 10 ** EXPONENTS[currency] // 100, currency=currency)

    def days(self, method: str, country: str) -> int:
        return self._service(method, country).days

    def _service(self, method: str, country: str) -> Service:
        return self.services[method][self._zone(country)]

    def _zone(self, country: str) -> str:
        return next((zone for zone, countries in self.zones.items() if country in countries), self.elsewhere)


def grams_of(attributes: Mapping[str, Any]) -> int:
    """What one of a product weighs, from catalog's `attributes.weight_grams`."""
    said = attributes.get("weight_grams")
    known = isinstance(said, int) and not isinstance(said, bool) and 0 < said <= HEAVIEST_PRODUCT
    return said if known else DEFAULT_GRAMS  # type: ignore[return-value]


def total_grams(quantities: Iterable[tuple[str, int]], grams: Mapping[str, int]) -> int:
    """Of SKUs with their quantities, given what one of each weighs; a SKU that is not given weighs the default."""
    return sum(quantity * grams.get(sku, DEFAULT_GRAMS) for sku, quantity in quantities)
