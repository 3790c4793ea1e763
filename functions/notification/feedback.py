"""What SES tells of our mails. Our stack's rules make messages of it, which name the notification and no address."""

from datetime import datetime

from common.domain.errors import AlreadyDone, ConcurrentWrite
from common.domain.message import Message, Origin
from common.entrypoint.consumer import Delivery
from common.entrypoint.idempotency import derived_id
from notification import bootstrap
from notification.events import MailBounced, MailComplained
from notification.journal import Intent

SOURCE = "ses"


def hear(delivery: Delivery) -> None:
    """That a mail has left settles a doubt. One that comes back for good, or is called spam, stops its address."""
    message = delivery.message
    entry = bootstrap.journal().find(message.data["notification_id"])
    if entry is None:
        return  # a mail of before, or not one of ours
    intent = entry.intent
    about = {"notification_id": intent.notification_id, "customer_id": intent.customer_id}
    match message.type:
        case "Send" if not entry.is_sent:
            bootstrap.journal().sent(intent, message.time)
        case "Bounce":
            permanent = message.data["kind"] == "Permanent"  # else it was a full mailbox, or the like
            bounced = MailBounced(**about, permanent=permanent, kind=message.data["detail"], at=message.time)
            _record(message, intent, bounced, "bounced" if permanent else None)
        case "Complaint":
            _record(message, intent, MailComplained(**about, at=message.time), "complained")


def _record(message: Message, intent: Intent, event: MailBounced | MailComplained, stops: str | None) -> None:
    """The event, and that nothing more goes there, in one write. Raise AlreadyDone when it was heard before."""
    stream = derived_id("bnc", message.id)
    origin = Origin(actor=SOURCE, correlation_id=intent.correlation_id, causation_id=f"{intent.notification_id}#1")
    stop = [bootstrap.contacts().stop(intent.address, stops, _text(event.at))] if stops and intent.address else []
    try:
        bootstrap.streams().save(stream, 0, [event], origin, also=stop)
    except ConcurrentWrite as error:
        if bootstrap.streams().load(stream):
            raise AlreadyDone(f"{message.id} has been heard.") from error
        raise


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
