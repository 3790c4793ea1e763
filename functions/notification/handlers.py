"""Lambda's entry points of the notification domain: translate, hand over, answer."""

from common.entrypoint.authentication import CUSTOMER, SignedIn
from common.entrypoint.consumer import delivery_handler
from common.entrypoint.http import http_app, http_handler
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.entrypoint.relay import relay_handler, republisher_handler
from notification.bootstrap import cursors, event_bus, notifications, outbox
from notification.queries import NotificationView
from notification.sending import hear

app = http_app()


@app.get("/notifications", security=CUSTOMER)
def list_notifications(
    caller: SignedIn, query: ThisQuery, limit: Limit = 20, cursor: Cursor = None
) -> Listed[NotificationView]:
    page = notifications().page(caller.sub, limit, cursors().open(cursor, query))
    items = [NotificationView.model_validate(row) for row in page.rows]
    return Listed(items=items, next_cursor=cursors().seal(page.after, query))


api = http_handler(app)
consumer = delivery_handler(hear)
relay = relay_handler("notification", event_bus)
republisher = republisher_handler("notification", outbox, event_bus)
