"""What notification makes of the events it hears: contacts, and mails."""

import base64
from datetime import datetime

from common.domain.errors import ConcurrentWrite
from common.domain.message import Message
from common.entrypoint.consumer import Delivery
from common.entrypoint.idempotency import derived_id
from notification import bootstrap
from notification.events import NotificationSent
from notification.mails import SEALED, TOLD, Mail, sealed, told
from notification.queries import Contact


def hear(delivery: Delivery) -> None:
    message = delivery.message
    if message.source == "identity":
        bootstrap.contacts().learn(message)
    if message.type not in SEALED and message.type not in TOLD:
        return
    contact = bootstrap.contacts().of(message.data["customer_id"])
    notification_id = derived_id("ntf", message.id)
    if bootstrap.notifications().begin(notification_id, again=delivery.attempt > 1):
        mail = _mail(message, contact)
        _send(notification_id, contact, mail)
        _record(notification_id, message, mail, delivery.at)


def _mail(message: Message, contact: Contact) -> Mail:
    if message.type in SEALED:
        token = _token(SEALED[message.type].purpose, message.data["token_id"])
        return sealed(message.type, contact.name, token, bootstrap.settings().issuer)
    return told(message.type, contact.name, message.data)


def _token(purpose: str, token_id: str) -> str:
    """See identity: the MAC is KMS's, over purpose and id, and stands nowhere."""
    made = bootstrap.kms().generate_mac(
        KeyId=bootstrap.settings().mail_link_key,
        MacAlgorithm="HMAC_SHA_256",
        Message=f"{purpose}:{token_id}".encode(),
    )
    return f"{token_id}.{base64.urlsafe_b64encode(made['Mac']).decode().rstrip('=')}"


def _send(notification_id: str, contact: Contact, mail: Mail) -> None:
    bootstrap.ses().send_email(
        FromEmailAddress=bootstrap.settings().mail_from,
        Destination={"ToAddresses": [contact.email]},
        Content={
            "Simple": {
                "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": mail.text, "Charset": "UTF-8"},
                    "Html": {"Data": mail.html, "Charset": "UTF-8"},
                },
            }
        },
        EmailTags=[{"Name": "notification_id", "Value": notification_id}],
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
    try:
        origin, done = message.because("notification.consumer"), bootstrap.notifications().done(sent)
        bootstrap.streams().save(notification_id, 0, [sent], origin, also=[done])
    except ConcurrentWrite:
        if not bootstrap.streams().load(notification_id):  # a twin that took over has recorded it, or nobody has
            raise
