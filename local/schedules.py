"""Fires what the clock passes: rules with a schedule, and EventBridge Scheduler's schedules."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from local.assembly import ACCOUNT, REGION, Resource
from local.carriage import Carriage
from local.scheduler import Waiting
from local.targets import Targets, transformed

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
NAMES = {
    name: n
    for n, name in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)
} | {name: n for n, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}
Next = Callable[[float], float | None]  # the first moment after the given one, if there is any


class Schedules:
    def __init__(self, carriage: Carriage, targets: Targets) -> None:
        self._carriage, self._targets = carriage, targets

    def follow(self, resource: Resource) -> None:
        properties = resource.properties
        if properties.get("State", "ENABLED") != "ENABLED" or "ScheduleExpression" not in properties:
            return
        zone = ZoneInfo(properties.get("ScheduleExpressionTimezone", "UTC"))
        upcoming = moments(properties["ScheduleExpression"], zone)
        one = properties.get("Target")
        targets = [one] if one else properties.get("Targets", [])
        self._arm(resource, targets, upcoming, self._carriage.scheduler.clock.now())

    def _arm(self, resource: Resource, targets: list[dict[str, Any]], upcoming: Next, after: float) -> None:
        due = upcoming(after)
        if due is None:
            return

        def fire() -> None:
            for target in targets:
                body, name = self._body(resource, target, due), f"schedule:{resource.logical_id}"
                self._targets.bring(target, body, source=resource.arn, name=name)
            self._arm(resource, targets, upcoming, due)

        self._carriage.scheduler.at(due, fire, Waiting.OUTSIDE)

    def _body(self, resource: Resource, target: dict[str, Any], at: float) -> str:
        if resource.type == "AWS::Scheduler::Schedule":
            return str(target.get("Input", "{}"))
        event = {
            "version": "0",
            "id": str(uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": ACCOUNT,
            "time": self._carriage.timestamp(at)[:-5] + "Z",
            "region": REGION,
            "resources": [resource.arn],
            "detail": json.loads("{}"),
        }
        return transformed(target, event, resource.arn)


def moments(expression: str, zone: ZoneInfo) -> Next:
    """rate(5 minutes), cron(0 3 * * ? *) or at(2026-01-05T09:00:00)."""
    kind, _, inside = expression.rstrip(")").partition("(")
    if kind == "rate":
        count, unit = inside.split()
        seconds = int(count) * UNITS[unit.rstrip("s")]
        return lambda after: after + seconds
    if kind == "at":
        moment = datetime.fromisoformat(inside).replace(tzinfo=zone).timestamp()
        return lambda after: moment if moment > after else None
    if kind == "cron":
        return _Cron(inside, zone)
    raise ValueError(f"not a schedule: {expression}")


class _Cron:
    """Minutes, hours, day of month, month, day of week (Sunday is 1), year; the first match within five years."""

    def __init__(self, fields: str, zone: ZoneInfo) -> None:
        minute, hour, day, month, weekday, year = fields.split()
        self._zone = zone
        self._minutes, self._hours = sorted(_values(minute, 0, 59)), sorted(_values(hour, 0, 23))
        self._days, self._months = _values(day, 1, 31), _values(month, 1, 12)
        self._weekdays, self._years = _values(weekday, 1, 7), _values(year, 1970, 2199)

    def __call__(self, after: float) -> float | None:
        start = datetime.fromtimestamp(after, tz=self._zone).replace(second=0, microsecond=0) + timedelta(minutes=1)
        for offset in range(5 * 366):
            day = start.date() + timedelta(days=offset)
            if not self._on(day):
                continue
            for hour in self._hours:
                for minute in self._minutes:
                    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self._zone)
                    if moment >= start:
                        return moment.astimezone(UTC).timestamp()
        return None

    def _on(self, day: Any) -> bool:
        return (
            day.day in self._days
            and day.month in self._months
            and day.year in self._years
            and day.isoweekday() % 7 + 1 in self._weekdays
        )


def _values(field: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        matched = re.fullmatch(r"(\*|\?|\d+|[A-Z]{3})(?:-(\d+|[A-Z]{3}))?(?:/(\d+))?", part)
        if not matched:
            raise ValueError(f"not carried in a cron expression: {part}")
        first, last, step = matched.groups()
        if first in "*?":
            start, end = low, high
        else:
            start = NAMES.get(first) or int(first)
            end = (NAMES.get(last) or int(last)) if last else (high if step else start)
        found |= set(range(start, end + 1, int(step or 1)))
    return found
