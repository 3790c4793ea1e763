"""Days and times are written out: a number is none, as a text neither."""

from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from common.entrypoint.fields import Day, Moment

NUMBERS = [0, 1700006400, "0", "1700006400", "-9.8e-85"]  # 1700006400 is the beginning of a day


@pytest.mark.parametrize("kind", [Day, Moment])
@pytest.mark.parametrize("given", NUMBERS)
def test_a_number_is_no_day_and_no_time(kind, given):
    with pytest.raises(ValidationError, match="write it as in"):
        TypeAdapter(kind).validate_python(given)


def test_what_is_written_out_is_taken():
    assert TypeAdapter(Day).validate_python("2026-01-31") == date(2026, 1, 31)
    at = TypeAdapter(Moment).validate_python("2026-01-31T13:00:00+01:00")
    assert (at, at.tzinfo) == (datetime(2026, 1, 31, 12, tzinfo=UTC), UTC)
