"""Lambda's entry points of the analytics domain: translate, hand over, answer."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator

from analytics.bootstrap import event_bus, outbox, rebuilds, records, reports
from analytics.queries import Funnel, Granularity, Measure, Overview, Period, SalesBucket, TopProduct
from analytics.rebuild.decider import Rebuild
from analytics.use_cases import carry_on, read, start_rebuild, take
from common.domain.errors import Invalid, NotFound
from common.domain.money import EXPONENTS
from common.entrypoint.authentication import ADMIN, STAFF, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.consumer import delivery_handler, folding_handler
from common.entrypoint.fields import Day, Nothing
from common.entrypoint.http import http_app, http_handler
from common.entrypoint.idempotency import IdempotencyKey, Keyed, Remember, answer, derived_id, once
from common.entrypoint.pagination import Limit, Listed
from common.entrypoint.relay import relay_handler, republisher_handler
from common.infrastructure.idempotency import Answer
from common.infrastructure.transaction import Write

LONGEST = timedelta(days=366)
LONGEST_BY_HOUR = timedelta(days=31)
USUAL = timedelta(days=30)

app = http_app()


def _its_day(given: Any) -> Any:
    """A time stands for its day, UTC: figures are asked for by whole days."""
    if not isinstance(given, str) or "T" not in given:
        return given
    at = datetime.fromisoformat(given)
    try:
        return (at.astimezone(UTC) if at.tzinfo else at).date().isoformat()
    except OverflowError as error:
        raise ValueError("this is no day in UTC") from error


Whole = Annotated[Day, BeforeValidator(_its_day)]
From = Annotated[Whole | None, Query(alias="from")]
To = Annotated[Whole | None, Query()]
Currency = Annotated[str, Query(pattern="^[A-Z]{3}$")]


class InvalidPeriod(Invalid): ...


class UnknownCurrency(Invalid): ...


class RebuildView(BaseModel):
    """`objects` of the archive and `events` in them that have been counted anew so far."""

    rebuild_id: str
    status: Literal["running", "finished"]
    objects: int
    events: int
    started_at: AwareDatetime
    finished_at: AwareDatetime | None = None

    @classmethod
    def of(cls, rebuild: Rebuild) -> "RebuildView":
        return cls(
            rebuild_id=rebuild.started.rebuild_id,
            status="finished" if rebuild.finished_at else "running",
            objects=rebuild.objects,
            events=rebuild.events,
            started_at=rebuild.started.at,
            finished_at=rebuild.finished_at,
        )


@app.get("/analytics/overview", security=STAFF)
def overview(at: ReceivedAt, first: From = None, to: To = None) -> Overview:
    """Of the last 30 days, unless another period is given."""
    return reports().overview(_period(first, to, at.date()))


@app.get("/analytics/sales", security=STAFF)
def sales(
    at: ReceivedAt, first: From = None, to: To = None, granularity: Granularity = "day", currency: Currency = "EUR"
) -> Listed[SalesBucket]:
    period = _period(first, to, at.date(), LONGEST_BY_HOUR if granularity == "hour" else LONGEST)
    return Listed(items=reports().sales(period, granularity, _known(currency)), next_cursor=None)


@app.get("/analytics/products/top", security=STAFF)
def top_products(
    at: ReceivedAt,
    first: From = None,
    to: To = None,
    by: Measure = "revenue",
    currency: Currency = "EUR",
    limit: Limit = 20,
) -> Listed[TopProduct]:
    found = reports().top(_period(first, to, at.date()), by, _known(currency), limit)
    return Listed(items=found, next_cursor=None)


@app.get("/analytics/funnel", security=STAFF)
def funnel(at: ReceivedAt, first: From = None, to: To = None) -> Funnel:
    return reports().funnel(_period(first, to, at.date()))


@app.post("/analytics/rebuilds", status_code=HTTPStatus.ACCEPTED, security=ADMIN)
def post_rebuild(
    body: Nothing,
    key: IdempotencyKey,
    keyed: Keyed,
    caller: SignedIn,
    at: ReceivedAt,
) -> Response[RebuildView]:
    """Make the figures anew from the archive; those that are there stay readable until then. One at a time."""
    rebuild_id = derived_id("rbd", caller.sub, key)

    def told(rebuild: Rebuild) -> Answer:
        where = {"Location": f"/analytics/rebuilds/{rebuild_id}"}
        return answer(HTTPStatus.ACCEPTED, RebuildView.of(rebuild), where)

    def use_case(remember: Remember) -> Answer:
        def beside(rebuild: Rebuild) -> Sequence[Write]:
            return [remember(told(rebuild))]

        return told(start_rebuild(rebuild_id, at, caller.origin, beside))

    return once(records(), keyed, RebuildView, use_case)


@app.get("/analytics/rebuilds/<rebuild_id>", security=ADMIN)
def get_rebuild(rebuild_id: Annotated[str, Path(max_length=64)]) -> RebuildView:
    rebuild = rebuilds().state(rebuild_id)
    if rebuild is None:
        raise NotFound("There is no such rebuild.")
    return RebuildView.of(rebuild)


def _period(first: date | None, last: date | None, today: date, longest: timedelta = LONGEST) -> Period:
    last = last or max(today, first or today)
    first = first or last - USUAL
    if first > last:
        raise InvalidPeriod("`from` is after `to`.", field="from")
    if last - first > longest:
        raise InvalidPeriod(f"A period has at most {longest.days} days.", field="from")
    return Period(first, last)


def _known(currency: str) -> str:
    if currency not in EXPONENTS:
        raise UnknownCurrency("Nothing is sold in this currency.", field="currency")
    return currency


api = http_handler(app)
consumer = folding_handler(read, take)
rebuilder = delivery_handler(carry_on)
relay = relay_handler("analytics", event_bus)
republisher = republisher_handler("analytics", outbox, event_bus)
