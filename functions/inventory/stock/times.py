"""Times in keys."""

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """In UTC and of one length, so that text sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
