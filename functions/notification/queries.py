"""What customers see of what was sent to them."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from common.infrastructure.rows import Page, Rows
from notification.events import Channel


class NotificationView(BaseModel):
    notification_id: str
    channel: Channel
    template: str
    subject: str
    order_id: Annotated[str | None, Field(exclude_if=lambda order_id: order_id is None)] = None
    sent_at: AwareDatetime


class Notifications:
    """The rows that the journal keeps, by customer."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def page(self, customer_id: str, limit: int, after: dict[str, Any] | None) -> Page:
        """The newest first."""
        return self._rows.query(f"customer#{customer_id}", index="gsi1", limit=limit, after=after, newest_first=True)
