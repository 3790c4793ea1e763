"""Lambda's entry points of the analytics domain: translate, hand over, answer."""

from datetime import date, timedelta
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from analytics.bootstrap import event_bus, figures, outbox, reports
from analytics.queries import Funnel, Granularity, Overview, SalesBucket, TopProduct
from common.domain.errors import Invalid
from common.domain.money import EXPONENTS
from common.entrypoint.authentication import STAFF
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.consumer import batch_handler
from common.entrypoint.http import http_app, http_handler
from common.entrypoint.pagination import Limit, Listed
from common.entrypoint.relay import relay_handler, republisher_handler

LONGEST = timedelta(days=366)
USUAL = timedelta(days=30)

app = http_app()

From = Annotated[date | None, Query(alias="from")]
To = Annotated[date | None, Query()]
Currency = Annotated[str, Query(pattern="^[A-Z]{3}$")]


class InvalidPeriod(Invalid): ...


class UnknownCurrency(Invalid): ...


@app.get("/analytics/overview", security=STAFF)
def overview(at: ReceivedAt, first: From = None, to: To = None) -> Overview:
    """Of the last 30 days, unless another period is given."""
    return reports().overview(*_period(first, to, at.date()))


@app.get("/analytics/sales", security=STAFF)
def sales(
    at: ReceivedAt, first: From = None, to: To = None, granularity: Granularity = "day", currency: Currency = "EUR"
) -> Listed[SalesBucket]:
    found = reports().sales(*_period(first, to, at.date()), granularity, _known(currency))
    return Listed(items=found, next_cursor=None)


@app.get("/analytics/products/top", security=STAFF)
def top_products(
    at: ReceivedAt,
    first: From = None,
    to: To = None,
    by: Literal["revenue", "units"] = "revenue",
    currency: Currency = "EUR",
    limit: Limit = 20,
) -> Listed[TopProduct]:
    found = reports().top(*_period(first, to, at.date()), by, _known(currency), limit)
    return Listed(items=found, next_cursor=None)


@app.get("/analytics/funnel", security=STAFF)
def funnel(at: ReceivedAt, first: From = None, to: To = None) -> Funnel:
    return reports().funnel(*_period(first, to, at.date()))


def _period(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    last = last or today
    first = first or last - USUAL
    if first > last:
        raise InvalidPeriod("`from` is after `to`.", field="from")
    if last - first > LONGEST:
        raise InvalidPeriod(f"A period has at most {LONGEST.days} days.", field="from")
    return first, last


def _known(currency: str) -> str:
    if currency not in EXPONENTS:
        raise UnknownCurrency("Nothing is sold in this currency.", field="currency")
    return currency


api = http_handler(app)
consumer = batch_handler(lambda messages: figures().count(messages))
relay = relay_handler("analytics", event_bus)
republisher = republisher_handler("analytics", outbox, event_bus)
