"""What notification makes of the events it hears: contacts, mails and text messages."""

from collections.abc import Callable
from typing import NamedTuple

from common.domain.message import Message
from common.domain.sealed import Sealed
from common.entrypoint.consumer import Delivery
from common.entrypoint.idempotency import derived_id
from notification import bootstrap
from notification.commands import NotificationPreferences
from notification.contacts import Contact, ContactUnknown
from notification.decider import mail_is_wanted, sms_number
from notification.events import Channel
from notification.journal import Intent
from notification.mails import MAILS, Mail, Place, written


class Addressee(NamedTuple):
    customer_id: str
    contact: Contact
    preferences: NotificationPreferences


def hear(delivery: Delivery) -> None:
    """Contacts are version-gated. What is sent has an id derived from its fact, an intent before, a result after."""
    message = delivery.message
    if message.source == "identity":
        bootstrap.contacts().learn(message)
    if message.type in MAILS and (addressee := _addressee(message)):
        mail = written(
            message.type,
            {**message.data, "at": message.time},
            name=addressee.contact.name,
            locale=addressee.preferences.locale,
            place=_place(),
        )
        _send_mail(delivery, mail, addressee)
        _send_sms(delivery, mail, addressee)


def _addressee(message: Message) -> Addressee | None:
    """None for who has been erased. Raise ContactUnknown when identity has not spoken of them yet."""
    customer_id = message.data["customer_id"]
    known = bootstrap.contacts().known(customer_id)
    if known.erased:
        return None
    # A mail with a token goes to the address that it confirms, whatever else is known.
    person = Sealed.model_validate(message.data["person"]) if message.data.get("person") else known.person
    if person is None:
        raise ContactUnknown(customer_id)
    contact = bootstrap.person_keys().open(person, Contact)
    return Addressee(customer_id, contact, known.preferences) if contact else None


def _send_mail(delivery: Delivery, mail: Mail, to: Addressee) -> None:
    address = bootstrap.seals().mac("address", to.contact.email)
    if not mail_is_wanted(mail.mail_list, to.preferences) or bootstrap.contacts().is_stopped(address):
        return
    unsubscribe_url = _unsubscribe_url(mail, to.customer_id)
    _once(
        delivery,
        _intent(delivery.message, mail, "email", address),
        lambda id: bootstrap.mail_courier().send(id, to.contact.email, mail, unsubscribe_url),
    )


def _send_sms(delivery: Delivery, mail: Mail, to: Addressee) -> None:
    phone = sms_number(mail.mail_list, to.preferences)
    if phone and mail.sms:
        intent = _intent(delivery.message, mail, "sms", None)
        _once(delivery, intent, lambda _: bootstrap.sms_courier().send(phone, mail.sms))


def _once(delivery: Delivery, intent: Intent, send: Callable[[str], None]) -> None:
    if bootstrap.journal().begin(intent, again=delivery.attempt > 1):
        send(intent.notification_id)
        bootstrap.journal().sent(intent, delivery.at)


def _intent(message: Message, mail: Mail, channel: Channel, address: str | None) -> Intent:
    fact = (message.id,) if channel == "email" else (message.id, channel)
    return Intent(
        notification_id=derived_id("ntf", *fact),
        customer_id=message.data["customer_id"],
        order_id=message.data.get("order_id"),
        channel=channel,
        template=mail.template,
        subject=mail.subject,
        locale=mail.locale,
        address=address,
        correlation_id=message.correlation_id,
        causation_id=message.id,
    )


def _unsubscribe_url(mail: Mail, customer_id: str) -> str | None:
    if mail.mail_list is None:
        return None
    token = bootstrap.seals().token("unsubscribe", f"{mail.mail_list}.{customer_id}")
    return f"{bootstrap.settings().issuer}/notifications/unsubscribe?token={token}"


def _place() -> Place:
    settings = bootstrap.settings()
    return Place(settings.shop_name, settings.issuer, bootstrap.links().token)
