"""What a rule's target gets of an event, and when a schedule fires."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from local.schedules import moments
from local.targets import transformed

EVENT = {"source": "order", "detail": {"id": "o-1", "note": 'say "hi"', "lines": [{"sku": "mug"}], "total": 5}}


def template(text, **paths):
    return {"InputTransformer": {"InputTemplate": text, "InputPathsMap": paths}}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, EVENT),
        ({"Input": '{"a": 1}'}, {"a": 1}),
        ({"InputPath": "$.detail.id"}, "o-1"),
        ({"InputPath": "$.detail.lines[0].sku"}, "mug"),
        ({"InputPath": "$.detail.none"}, None),
        (template('{"id": <id>, "of": "order <id>"}', id="$.detail.id"), {"id": "o-1", "of": "order o-1"}),
        (template('{"note": <n>, "said": "<n>!"}', n="$.detail.note"), {"note": 'say "hi"', "said": 'say "hi"!'}),
        (template('{"lines": <l>}', l="$.detail.lines"), {"lines": [{"sku": "mug"}]}),
        (template('{"total": "<t>"}', t="$.detail.total"), {"total": "5"}),
        (template("<aws.events.event.json>"), EVENT),
        (template('"a text with \\"quotes\\" of <id>"', id="$.detail.id"), 'a text with "quotes" of o-1'),
    ],
)
def test_an_event_is_transformed_as_the_target_says(target, expected):
    assert json.loads(transformed(target, EVENT)) == expected


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("rate(1 minute)", "2026-01-05T09:00:00", "2026-01-05T09:01:00"),
        ("rate(2 days)", "2026-01-05T09:00:00", "2026-01-07T09:00:00"),
        ("cron(0 3 * * ? *)", "2026-01-05T09:00:00", "2026-01-06T03:00:00"),
        ("cron(0/15 * * * ? *)", "2026-01-05T09:01:00", "2026-01-05T09:15:00"),
        ("cron(30 8 ? * MON-FRI *)", "2026-01-02T09:00:00", "2026-01-05T08:30:00"),
        ("cron(0 0 1 JAN ? *)", "2026-01-05T09:00:00", "2027-01-01T00:00:00"),
        ("at(2026-02-01T00:00:00)", "2026-01-05T09:00:00", "2026-02-01T00:00:00"),
    ],
)
def test_a_schedule_knows_its_next_moment(expression, after, expected):
    assert moments(expression, ZoneInfo("UTC"))(at(after)) == at(expected)


def test_what_has_passed_does_not_come_again():
    assert moments("at(2026-01-01T00:00:00)", ZoneInfo("UTC"))(at("2026-01-05T09:00:00")) is None


def test_a_schedule_has_a_time_zone():
    assert moments("cron(0 12 * * ? *)", ZoneInfo("Europe/Berlin"))(at("2026-01-05T09:00:00")) == at(
        "2026-01-05T11:00:00"
    )


@pytest.mark.parametrize("expression", ["every day", "cron(0 3 L * ? *)"])
def test_what_it_does_not_understand_is_an_error(expression):
    with pytest.raises(ValueError, match="not "):
        moments(expression, ZoneInfo("UTC"))
