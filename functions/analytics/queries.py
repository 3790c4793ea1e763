"""The figures, read: digests of the days asked for, and the entries that they do not have yet. Nothing is scanned.

A period is whole days, UTC, both included. However long, it costs one query for the open daybooks, one for the
digests (in pages of 1 MB), one for each open daybook in it, and for buyers one more for each shard.
"""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from analytics.daybooks import SHARDS, Shelf, buyers_until, numbered
from analytics.figures import Figures
from analytics.generations import GenerationRow
from analytics.products import ProductNames
from common.infrastructure.rows import Row, Rows

Granularity = Literal["hour", "day", "month"]
Measure = Literal["revenue", "units"]


class Turnover(BaseModel):
    """A sum of money, in minor units: it may be larger than any one amount, and below zero."""

    amount: int
    currency: str


class SalesBucket(BaseModel):
    """`revenue` is gross - cancelled - refunded; `orders` and `units` are without what was cancelled."""

    bucket: str  # 2026-01-05T09, 2026-01-05 or 2026-01
    revenue: Turnover
    gross: Turnover
    cancelled: Turnover
    refunded: Turnover
    orders: int
    units: int


class TopProduct(BaseModel):
    """`revenue` is what the goods cost, before discount, shipping, tax and refunds, without what was cancelled."""

    sku: str
    name: str
    units: int
    revenue: Turnover


class Funnel(BaseModel):
    """How many orders came so far on the days asked for, whenever they were placed."""

    placed: int = 0
    confirmed: int = 0
    shipped: int = 0
    delivered: int = 0
    cancelled: int = 0
    returned: int = 0
    rejected: dict[str, int] = {}


class SalesTotals(BaseModel):
    """`average_order` is revenue / orders, half a minor unit rounded up, and 0 without orders."""

    revenue: Turnover
    gross: Turnover
    cancelled: Turnover
    refunded: Turnover
    orders: int
    units: int
    average_order: Turnover


class Buyers(BaseModel):
    """Who bought in the period: for the first time ever, or having bought before it. Each counts once."""

    new: int
    returning: int


class Period(NamedTuple):
    first: date
    last: date


class Overview(BaseModel):
    first_day: date
    last_day: date
    orders: Funnel
    sales: list[SalesTotals]  # one per currency that something was sold in
    customers: Buyers


class Reports:
    def __init__(self, rows: Rows, generations: GenerationRow, names: ProductNames) -> None:
        self._rows = rows
        self._generations = generations
        self._names = names

    def sales(self, period: Period, granularity: Granularity, currency: str) -> list[SalesBucket]:
        """Buckets in which something happened, oldest first."""
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for day, figures in self._days(self._live(), period).items():
            for path, number in figures.counts.items():
                match path.split("/"):
                    case [hour, in_currency, what] if in_currency == currency:
                        sums[_bucket(day, hour, granularity)][what] += number
        return [SalesBucket(bucket=name, **_sales(sums[name], currency)) for name in sorted(sums)]

    def top(self, period: Period, by: Measure, currency: str, limit: int) -> list[TopProduct]:
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for path, number in self._whole(self._live(), period).counts.items():
            match path.split("/"):
                case ["sku", in_currency, sku, what] if in_currency == currency:
                    sums[sku][what] += number
        sold = [sku for sku in sums if sums[sku][by] > 0]
        best = sorted(sold, key=lambda sku: (-sums[sku][by], sku))[:limit]
        names = self._names.of(best)
        return [
            TopProduct(
                sku=sku,
                name=names.get(sku, sku),
                units=sums[sku]["units"],
                revenue=Turnover(amount=sums[sku]["revenue"], currency=currency),
            )
            for sku in best
        ]

    def funnel(self, period: Period) -> Funnel:
        return _funnel(self._whole(self._live(), period))

    def overview(self, period: Period) -> Overview:
        generation = self._live()
        whole = self._whole(generation, period)
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for path, number in whole.counts.items():
            match path.split("/"):
                case [hour, currency, what] if hour != "sku" and currency != "rejected":
                    sums[currency][what] += number
        return Overview(
            first_day=period.first,
            last_day=period.last,
            orders=_funnel(whole),
            sales=[_totals(sums[currency], currency) for currency in sorted(sums)],
            customers=self._buyers(generation, period, whole.buyers),
        )

    def _live(self) -> str:
        return self._generations.now().live

    def _buyers(self, generation: str, period: Period, bought: set[bytes]) -> Buyers:
        day_before = str(period.first - timedelta(days=1))
        before: set[bytes] = set()
        for shelf in self._open(generation):
            if shelf.day <= day_before:
                before |= self._read(shelf, self._rows.get(f"{generation}#digest", shelf.name)).buyers
        for shard in range(SHARDS):
            before |= buyers_until(self._rows, generation, shard, day_before)
        return Buyers(new=len(bought - before), returning=len(bought & before))

    def _whole(self, generation: str, period: Period) -> Figures:
        whole = Figures()
        for figures in self._days(generation, period).values():
            whole.add(figures)
        return whole

    def _days(self, generation: str, period: Period) -> dict[str, Figures]:
        """Those with figures. The open ones are asked for first: what is closed meanwhile is in its digest."""
        first, last = str(period.first), str(period.last)
        still_open = {shelf.name: shelf for shelf in self._open(generation) if first <= shelf.day <= last}
        digests = self._rows.every(f"{generation}#digest", between=(first, f"{last}#~"))
        days: dict[str, Figures] = defaultdict(Figures)
        for row in digests:
            days[row["sk"][:10]].add(self._read(still_open.pop(row["sk"], None), row))
        for shelf in still_open.values():
            days[shelf.day].add(self._read(shelf, None))
        return days

    def _open(self, generation: str) -> list[Shelf]:
        return [Shelf.named(generation, row["sk"]) for row in self._rows.every(f"{generation}#open")]

    def _read(self, shelf: Shelf | None, digest: Row | None) -> Figures:
        """A digest, and the entries of an open daybook that came after it."""
        figures = Figures.unpacked(digest["figures"]) if digest else Figures()
        if shelf:
            after = numbered(digest["version"] + 1 if digest else 1), numbered(10**10 - 1)
            for entry in self._rows.every(shelf.pk, between=after):
                if "figures" in entry:
                    figures.add(Figures.unpacked(entry["figures"]))
        return figures


def _bucket(day: str, hour: str, granularity: Granularity) -> str:
    match granularity:
        case "hour":
            return f"{day}T{hour}"
        case "day":
            return day
        case "month":
            return day[:7]


def _sales(sums: Counter[str], currency: str) -> dict[str, Any]:
    money = {what: Turnover(amount=sums[what], currency=currency) for what in ("gross", "cancelled", "refunded")}
    return {
        **money,
        "revenue": Turnover(amount=_revenue(sums), currency=currency),
        "orders": sums["orders"],
        "units": sums["units"],
    }


def _totals(sums: Counter[str], currency: str) -> SalesTotals:
    orders = sums["orders"]
    average = (2 * _revenue(sums) + orders) // (2 * orders) if orders > 0 else 0
    return SalesTotals(**_sales(sums, currency), average_order=Turnover(amount=average, currency=currency))


def _revenue(sums: Counter[str]) -> int:
    return sums["gross"] - sums["cancelled"] - sums["refunded"]


def _funnel(figures: Figures) -> Funnel:
    stages: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for path, number in figures.counts.items():
        match path.split("/"):
            case [_, stage]:
                stages[stage] += number
            case [_, "rejected", reason]:
                rejected[reason] += number
    return Funnel(**stages, rejected=dict(sorted(rejected.items())))
