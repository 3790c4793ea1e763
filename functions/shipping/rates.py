"""What sending costs, by the zone of the address alone: our things weigh little. Pure."""

from typing import Literal

from pydantic import BaseModel

from common.domain.money import Money

Method = Literal["standard", "express"]
Zone = Literal["domestic", "union", "world"]

HOME = "DE"
EUROPEAN_UNION = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}  # fmt: skip
CURRENCY = "EUR"
CENTS: dict[Method, dict[Zone, int]] = {
    "standard": {"domestic": 490, "union": 990, "world": 1990},
    "express": {"domestic": 990, "union": 1990, "world": 3990},
}
DAYS: dict[Method, dict[Zone, int]] = {
    "standard": {"domestic": 3, "union": 5, "world": 10},
    "express": {"domestic": 1, "union": 2, "world": 4},
}


class ShippingOption(BaseModel):
    method: Method
    price: Money
    estimated_days: int


def zone(country: str) -> Zone:
    if country == HOME:
        return "domestic"
    return "union" if country in EUROPEAN_UNION else "world"


def options(country: str) -> list[ShippingOption]:
    """The cheaper first."""
    where = zone(country)
    return [
        ShippingOption(
            method=method, price=Money(amount=cents[where], currency=CURRENCY), estimated_days=DAYS[method][where]
        )
        for method, cents in CENTS.items()
    ]
