"""What identity makes of the events it hears: the audit trail, and the end of someone's traces."""

from common.domain.message import Message
from identity import bootstrap
from identity.events import CustomerErased


def hear(message: Message) -> None:
    """Each branch makes the same of a message again: the same row, or what is gone already."""
    if message.source == "identity" and message.type == CustomerErased.__name__:
        bootstrap.traces().forget(message.data["customer_id"])
    if message.actor_role in ("staff", "admin"):
        bootstrap.audit_trail().keep(message)
