"""Kinds of fields that requests of several domains have, and the body that has none."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

# Something is to be seen, and nothing in it moves a cursor: `\S` alone would take a control character for a letter.
A_LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=A_LINE)]

_BEGINS_AS_A_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _is_written_out(value: Any) -> Any:
    """Pydantic would take a number, and a text that is one, for seconds since 1970."""
    if not isinstance(value, str) or not _BEGINS_AS_A_DATE.match(value):
        raise ValueError("write it as in 2026-01-31, a time as in 2026-01-31T12:00:00Z")
    return value


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("there is no such time in UTC") from error


WrittenOut = BeforeValidator(_is_written_out)
Day = Annotated[date, WrittenOut, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
Moment = Annotated[AwareDatetime, WrittenOut, AfterValidator(_in_utc)]


class Nothing(BaseModel):
    """No body, or an empty one: all is said by the path."""

    model_config = ConfigDict(extra="forbid")
