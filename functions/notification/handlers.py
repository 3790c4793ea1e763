"""Lambda's entry points of the notification domain: translate, hand over, answer."""

from html import escape
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel

from common.entrypoint.authentication import CUSTOMER, PUBLIC, SignedIn
from common.entrypoint.clock import ReceivedAt
from common.entrypoint.consumer import Delivery, delivery_handler
from common.entrypoint.http import http_app, http_handler
from common.entrypoint.pagination import Cursor, Limit, Listed, ThisQuery
from common.entrypoint.relay import relay_handler, republisher_handler
from common.entrypoint.versions import IfMatch, IfNoneMatch, etag
from notification import feedback, sending, use_cases
from notification.bootstrap import cursors, event_bus, notifications, outbox
from notification.commands import NotificationPreferences
from notification.queries import NotificationView
from notification.use_cases import Preferred

app = http_app()

UnsubscribeToken = Annotated[str, Query(description="As it came in a mail.")]

PAGE = """<!doctype html><html><head><meta charset="utf-8"><meta name="robots" content="noindex">
<meta name="viewport" content="width=device-width"><title>Unsubscribe / Abmelden</title></head>
<body style="margin:48px auto;max-width:420px;padding:0 16px;font:16px/1.5 system-ui,sans-serif">
<form method="post" action="?token={token}"><input type="hidden" name="List-Unsubscribe" value="One-Click">
<p>No more mails about your orders? / Keine E-Mails zu Ihren Bestellungen mehr?</p>
<button style="padding:12px 22px;font:inherit">Unsubscribe / Abmelden</button></form></body></html>"""
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # its address has the token in it
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}


A_FORM: OpenAPIResponse = {
    "description": "A form that unsubscribes",
    "content": {"text/html": {"schema": {"type": "string", "examples": ["<!doctype html>…"]}}},
}


class Unsubscribed(BaseModel):
    status: Literal["unsubscribed"] = "unsubscribed"


@app.get("/notifications", security=CUSTOMER)
def list_notifications(
    caller: SignedIn, query: ThisQuery, limit: Limit = 20, cursor: Cursor = None
) -> Listed[NotificationView]:
    page = notifications().page(caller.sub, limit, cursors().open(cursor, query))
    items = [NotificationView.model_validate(row) for row in page.rows]
    return Listed(items=items, next_cursor=cursors().seal(page.after, query))


@app.get("/notifications/preferences", security=CUSTOMER)
def get_preferences(caller: SignedIn, seen: IfNoneMatch) -> Response[NotificationPreferences | None]:
    preferred = use_cases.preferences(caller)
    if etag(preferred.version) in seen:
        return Response(HTTPStatus.NOT_MODIFIED, headers={"ETag": etag(preferred.version)})
    return _preferences(preferred)


@app.put("/notifications/preferences", security=CUSTOMER)
def change_preferences(
    body: NotificationPreferences, caller: SignedIn, if_match: IfMatch, at: ReceivedAt
) -> Response[NotificationPreferences]:
    return _preferences(use_cases.change_preferences(caller, body, if_match, at))


@app.post("/notifications/unsubscribe", security=PUBLIC)
def unsubscribe(at: ReceivedAt, token: UnsubscribeToken = "") -> Unsubscribed:
    """One click (RFC 8058). Whatever the body is called and says, it is not read: the token says it all."""
    use_cases.unsubscribe(token, at)
    return Unsubscribed()


@app.get("/notifications/unsubscribe", security=PUBLIC, responses={200: A_FORM})
def ask_whether_to_unsubscribe(token: UnsubscribeToken = "") -> Response[str]:
    """For people who follow the link, and for scanners that follow any: a form, and nothing has changed."""
    use_cases.unsubscribing(token)
    return Response(HTTPStatus.OK, "text/html; charset=utf-8", PAGE.format(token=escape(token)), {**PAGE_HEADERS})


def _preferences(preferred: Preferred) -> Response[Any]:
    headers = {"ETag": etag(preferred.version), "Cache-Control": "private, no-store"}
    return Response(HTTPStatus.OK, "application/json", preferred.preferences, headers)


def _hear(delivery: Delivery) -> None:
    (feedback if delivery.message.source == feedback.SOURCE else sending).hear(delivery)


api = http_handler(app)
consumer = delivery_handler(_hear)
relay = relay_handler("notification", event_bus)
republisher = republisher_handler("notification", outbox, event_bus)
