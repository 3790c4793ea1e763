"""The figures, read from their buckets."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel

from common.domain.money import EXPONENTS, Money
from common.infrastructure.rows import Row, Rows

Granularity = Literal["hour", "day", "month"]
_LENGTH = {"day": 10, "month": 7}


class SalesBucket(BaseModel):
    bucket: str  # 2026-01-05T09, 2026-01-05 or 2026-01
    revenue: Money
    orders: int
    units: int


class TopProduct(BaseModel):
    sku: str
    name: str
    units: int
    revenue: Money


class Funnel(BaseModel):
    placed: int = 0
    confirmed: int = 0
    shipped: int = 0
    delivered: int = 0
    cancelled: int = 0
    rejected: dict[str, int] = {}


class SalesTotals(BaseModel):
    orders: int
    units: int
    revenue: Money
    average_order: Money


class Overview(BaseModel):
    orders: Funnel
    sales: list[SalesTotals]  # one per currency that something was sold in


class Reports:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def sales(self, first: date, last: date, granularity: Granularity, currency: str) -> list[SalesBucket]:
        """Buckets in which something happened, oldest first. Net of refunds."""
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for day in _days(first, last):
            for row in self._rows.every(f"sales#{currency}#{day}"):
                name = f"{day}T{row['sk']}" if granularity == "hour" else str(day)[: _LENGTH[granularity]]
                sums[name].update({key: row.get(key, 0) for key in ("revenue", "orders", "units")})
        return [
            SalesBucket(
                bucket=name, revenue=_money(sum_["revenue"], currency), orders=sum_["orders"], units=sum_["units"]
            )
            for name, sum_ in sorted(sums.items())
        ]

    def top(
        self, first: date, last: date, by: Literal["revenue", "units"], currency: str, limit: int
    ) -> list[TopProduct]:
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        names: dict[str, str] = {}
        for day in _days(first, last):
            for row in self._rows.every(f"product#{currency}#{day}"):
                names[row["sk"]] = row["name"]
                sums[row["sk"]].update({key: row[key] for key in ("revenue", "units")})
        best = sorted(sums, key=lambda sku: (-sums[sku][by], sku))[:limit]
        return [
            TopProduct(
                sku=sku, name=names[sku], units=sums[sku]["units"], revenue=_money(sums[sku]["revenue"], currency)
            )
            for sku in best
        ]

    def funnel(self, first: date, last: date) -> Funnel:
        stages: Counter[str] = Counter()
        rejected: Counter[str] = Counter()
        for row in (row for day in _days(first, last) for row in self._rows.every(f"funnel#{day}")):
            _count(row, stages, rejected)
        return Funnel(**stages, rejected=dict(rejected))

    def overview(self, first: date, last: date) -> Overview:
        totals = []
        for currency in EXPONENTS:
            months = self.sales(first, last, "month", currency)
            orders, revenue = sum(m.orders for m in months), sum(m.revenue.amount for m in months)
            if months:
                average = _money(revenue // orders if orders else 0, currency)
                units = sum(m.units for m in months)
                whole = _money(revenue, currency)
                totals.append(SalesTotals(orders=orders, units=units, revenue=whole, average_order=average))
        return Overview(orders=self.funnel(first, last), sales=totals)


def _count(row: Row, stages: Counter[str], rejected: Counter[str]) -> None:
    stage, _, reason = row["sk"].partition("#")
    if reason:
        rejected[reason] += row["orders"]
    else:
        stages[stage] += row["orders"]


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _money(amount: int, currency: str) -> Money:
    return Money(amount=amount, currency=currency)
