"""Whom we write to, as identity last said, and how they want to be written to.

pk               sk             what
contact#<id>     -              a customer's address and name, in their box; version is identity's sequence; or `erased`
contact#<id>     preferences    what they want, and the number of text messages; version counts the changes
stopped#<mac>    -              an address, known by a MAC alone, that takes no mail of ours: why, and since when
"""

from typing import Any, NamedTuple

from pydantic import BaseModel

from common.domain.errors import ConcurrentWrite, NotFound
from common.domain.message import Message
from common.domain.sealed import Sealed
from common.infrastructure.rows import THE_ONE, Rows
from common.infrastructure.transaction import Write, check, put
from notification.commands import NotificationPreferences

PREFERENCES = "preferences"
AFTER_ALL = 10**9  # no news of identity's is newer than that the person is forgotten


class ContactUnknown(Exception):
    """Identity's word has not come yet. The queue will bring the fact again."""


class Contact(BaseModel):
    email: str
    name: str


class Known(NamedTuple):
    """`person` is a `Contact` in its box, and None as long as identity has not spoken."""

    person: Sealed | None
    preferences: NotificationPreferences
    version: int  # of the preferences
    erased: bool


class Contacts:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def learn(self, message: Message) -> None:
        """Old news changes nothing."""
        pk, said = _pk(message.data["customer_id"]), message.data
        if message.type == "CustomerErased":
            self._forget(pk)
        elif said.get("person"):
            self._rows.project({"pk": pk, "sk": THE_ONE, "person": said["person"]}, message.sequence)

    def _forget(self, pk: str) -> None:
        """What stays says that there is nobody, to whoever asks later and to news that come late."""
        self._rows.project({"pk": pk, "sk": THE_ONE, "erased": True}, AFTER_ALL)
        self._rows.delete(pk, PREFERENCES)

    def known(self, customer_id: str) -> Known:
        rows = {row["sk"]: row for row in self._rows.every(_pk(customer_id))}
        contact, kept = rows.get(THE_ONE), rows.get(PREFERENCES)
        erased = contact is not None and "erased" in contact
        return Known(
            person=Sealed.model_validate(contact["person"]) if contact and not erased else None,
            preferences=NotificationPreferences.model_validate(kept["wanted"]) if kept else NotificationPreferences(),
            version=kept["version"] if kept else 0,
            erased=erased,
        )

    def prefer(self, customer_id: str, wanted: NotificationPreferences, version: int) -> list[Write]:
        """To be committed with the event, whose stream has room for one at that version. Nobody's are not kept."""
        row: dict[str, Any] = {
            "pk": _pk(customer_id),
            "sk": PREFERENCES,
            "wanted": wanted.model_dump(),
            "version": version,
        }
        owner = {"pk": _pk(customer_id), "sk": THE_ONE}
        return [
            put(self._rows.table, row, ConcurrentWrite("They have just been changed.")),
            check(self._rows.table, owner, NotFound("There is no such customer."), "attribute_not_exists(#erased)"),
        ]

    def is_stopped(self, address: str) -> bool:
        """`address` is its MAC."""
        return self._rows.get(f"stopped#{address}") is not None

    def stop(self, address: str, why: str, at: str) -> Write:
        row = {"pk": f"stopped#{address}", "sk": THE_ONE, "why": why, "since": at}
        return put(self._rows.table, row, ConcurrentWrite("It has just been stopped."))


def _pk(customer_id: str) -> str:
    return f"contact#{customer_id}"
