"""What it costs to send a parcel: a small table by service, zone and weight. The prices are invented."""

from dataclasses import dataclass
from typing import Literal

Zone = Literal["domestic", "union", "world"]

EUROPEAN_UNION = {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT"} | {
    *("LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK")
}
OUNCES_PER_STEP = 16.0
HEAVIEST = 70 * 16.0  # ounces


@dataclass(frozen=True)
class Price:
    base: int  # cents, with the first pound
    step: int  # cents for each pound begun after that
    days: int


@dataclass(frozen=True)
class Service:
    carrier: str
    name: str
    prices: dict[Zone, Price]


SERVICES = (
    Service("DPD", "Classic", {"domestic": Price(490, 15, 3), "union": Price(1190, 30, 5)}),
    Service("UPS", "Standard", {"domestic": Price(590, 20, 2), "union": Price(1390, 40, 4)}),
    Service("UPS", "WorldwideSaver", {"world": Price(3490, 120, 6)}),
    Service(
        "DHLExpress",
        "ExpressWorldwide",
        {"domestic": Price(1290, 40, 1), "union": Price(2490, 60, 2), "world": Price(5990, 200, 3)},
    ),
)


@dataclass(frozen=True)
class Offer:
    carrier: str
    service: str
    cents: int
    days: int


def zone(origin: str, destination: str) -> Zone:
    if origin == destination:
        return "domestic"
    return "union" if {origin, destination} <= EUROPEAN_UNION else "world"


def offers(origin: str, destination: str, ounces: float) -> list[Offer]:
    """All services that take the parcel, the cheapest first; none, if it is too heavy."""
    if ounces > HEAVIEST:
        return []
    steps = max(0, -int(-ounces // OUNCES_PER_STEP) - 1)
    where = zone(origin, destination)
    found = [
        Offer(service.carrier, service.name, price.base + steps * price.step, price.days)
        for service in SERVICES
        if (price := service.prices.get(where))
    ]
    return sorted(found, key=lambda offer: offer.cents)
