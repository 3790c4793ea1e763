"""What notification makes of the events it hears: contacts, and mails."""

import base64
from datetime import datetime

from common.domain.errors import ConcurrentWrite
from common.domain.message import Message
from common.entrypoint.consumer import Delivery
from common.entrypoint.idempotency import derived_id
from notification import bootstrap
from notification.events import NotificationSent
from notification.mails import SEALED, TOLD, Mail
from notification.queries import Contact


def hear(delivery: Delivery) -> None:
    """Contacts are version-gated. A mail has an id that derives from its fact, an intent before and a result after."""
    message = delivery.message
    if message.source == "identity":
        bootstrap.contacts().learn(message)
    if message.type in SEALED:
        to = Contact.model_validate(message.data)
    elif message.type in TOLD:
        to = bootstrap.contacts().of(message.data["customer_id"])
    else:
        return
    notification_id = derived_id("ntf", message.id)
    if bootstrap.notifications().begin(notification_id, again=delivery.attempt > 1):
        mail = _mail(message)
        _send(notification_id, to.email, mail.to(to.name))
        _record(notification_id, message, mail, delivery.at)


def _mail(message: Message) -> Mail:
    if message.type in SEALED:
        sealed = SEALED[message.type]
        return sealed.mail(_token(sealed.purpose, message.data["token_id"]), bootstrap.settings().issuer)
    return TOLD[message.type](message.data)


def _token(purpose: str, token_id: str) -> str:
    """`<token_id>.<mac>`: the MAC is KMS's, over purpose and id, and stands nowhere but in the mail."""
    made = bootstrap.kms().generate_mac(
        KeyId=bootstrap.settings().mail_link_key,
        MacAlgorithm="HMAC_SHA_256",
        Message=f"{purpose}:{token_id}".encode(),
    )
    return f"{token_id}.{base64.urlsafe_b64encode(made['Mac']).decode().rstrip('=')}"


def _send(notification_id: str, to: str, mail: Mail) -> None:
    bootstrap.ses().send_email(
        FromEmailAddress=bootstrap.settings().mail_from,
        Destination={"ToAddresses": [to]},
        Content={
            "Simple": {
                "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": mail.text, "Charset": "UTF-8"},
                    "Html": {"Data": mail.html, "Charset": "UTF-8"},
                },
                "Headers": [
                    {"Name": "X-Notification-Id", "Value": notification_id},
                    {"Name": "Auto-Submitted", "Value": "auto-generated"},  # RFC 3834: nobody's vacation answers it
                ],
            }
        },
        EmailTags=[
            {"Name": "notification_id", "Value": notification_id},
            {"Name": "template", "Value": mail.template},
        ],
    )


def _record(notification_id: str, message: Message, mail: Mail, at: datetime) -> None:
    sent = NotificationSent(
        notification_id=notification_id,
        customer_id=message.data["customer_id"],
        order_id=message.data.get("order_id"),
        template=mail.template,
        subject=mail.subject,
        at=at,
    )
    origin, result = message.because("notification.consumer"), bootstrap.notifications().sent(sent)
    try:
        bootstrap.streams().save(notification_id, 0, [sent], origin, also=[result])
    except ConcurrentWrite:
        if not bootstrap.notifications().was_sent(notification_id):  # else a twin that took over was faster
            raise
