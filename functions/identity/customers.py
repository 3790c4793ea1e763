"""Accounts in the state table, changed together with their events.

pk                 sk         what
user#<id>          -          the customer as their events say, with the password's hash, which no event has
user#<id>          factor…    their second factor, if they have one (identity.second_factor)
email#<address>    -          whose address it is
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from common.domain.errors import ConcurrentWrite
from common.domain.message import Origin
from common.infrastructure.person_keys import PersonKeys
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.rows import THE_ONE, Rows
from common.infrastructure.transaction import MISSING, Write, delete, put
from identity.decider import Customer, decider
from identity.events import AnyCustomerEvent, EventOfPerson, Person

NOBODY = "-"
SECOND_FACTOR = ("factor", "factor-begun")


def of_customer(customer_id: str, what: str) -> dict[str, str]:
    """The index by which a person's sessions and tokens are found, to be listed and to be forgotten."""
    return {"gsi1pk": f"customer#{customer_id}", "gsi1sk": what}


class Account(NamedTuple):
    customer: Customer
    version: int  # of the stream
    password_hash: str | None  # None until the address is confirmed


class Traces:
    """What is left of someone who was erased: their sessions, and tokens that were mailed to them."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def forget(self, customer_id: str) -> None:
        for row in self._rows.every(of_customer(customer_id, "")["gsi1pk"], index="gsi1"):
            self._rows.delete(row["pk"], row["sk"])


class Customers:
    def __init__(self, streams: DynamoRepository[AnyCustomerEvent], rows: Rows, person_keys: PersonKeys) -> None:
        self._streams = streams
        self._rows = rows
        self._person_keys = person_keys

    def get(self, customer_id: str) -> Account | None:
        row = self._rows.get(f"user#{customer_id}")
        return Account(Customer.model_validate(row), row["version"], row.get("password_hash")) if row else None

    def by_email(self, email: str) -> Account | None:
        """Two reads, whether or not the address is known."""
        known = self._rows.get(f"email#{email}")
        return self.get(known["customer_id"] if known else NOBODY)

    def save(
        self,
        account: Account | None,
        events: Sequence[AnyCustomerEvent],
        origin: Origin,
        *,
        password_hash: str | None = None,
        also: Sequence[Write] = (),
    ) -> Account:
        """The account after the events. Raise ConcurrentWrite when it, or its address, was taken meanwhile."""
        customer = decider.evolve(account.customer if account else None, events[0])
        for event in events[1:]:
            customer = decider.evolve(customer, event)
        assert customer, "they are still with us"
        version = account.version if account else 0
        kept = password_hash or (account.password_hash if account else None)
        saved = Account(customer, version + len(events), kept)
        address = [] if account or customer.guest else [self._email(customer)]
        sealed = [self._sealed(event, customer) for event in events]
        self._streams.save(customer.customer_id, version, sealed, origin, also=[self._user(saved), *address, *also])
        return saved

    def erase(
        self, account: Account, events: Sequence[AnyCustomerEvent], origin: Origin, *, also: Sequence[Write] = ()
    ) -> None:
        """Commit the end of their stream, destroy their key, and take away the rows that say who they were.

        Their address is free again.
        """
        customer = account.customer
        changed = ConcurrentWrite("The account has just changed.")
        rows = [(f"user#{customer.customer_id}", sk) for sk in (THE_ONE, *SECOND_FACTOR)]
        gone = [delete(self._rows.table, {"pk": pk, "sk": sk}, changed) for pk, sk in rows]
        if not customer.guest:
            address = {"pk": f"email#{customer.email}", "sk": THE_ONE}
            gone.append(delete(self._rows.table, address, changed, "#customer_id = :id", id=customer.customer_id))
        gone.append(self._person_keys.destroy(customer.customer_id))
        self._streams.save(customer.customer_id, account.version, events, origin, also=[*gone, *also])

    def seal_nobody(self, nobody: str, expires_at: datetime) -> None:
        """The work of sealing, for an address that nothing is said about."""
        who = Person(email="nobody@customer.invalid", name="Nobody")
        self._person_keys.seal(nobody, who, expires_at=int(expires_at.timestamp()))

    def _sealed(self, event: AnyCustomerEvent, customer: Customer) -> AnyCustomerEvent:
        """As it is stored and told: with a box in place of who they are."""
        if not isinstance(event, EventOfPerson):
            return event
        who = Person(email=customer.email, name=event.name or customer.name)
        box = self._person_keys.seal(customer.customer_id, who)
        return event.model_copy(update={"email": "", "name": "", "person": box})

    def _user(self, account: Account) -> Write:
        """Unconditional: the stream lets one commit through per version."""
        row = account.customer.model_dump(mode="json") | {"version": account.version}
        if account.password_hash:
            row["password_hash"] = account.password_hash
        key = {"pk": f"user#{account.customer.customer_id}", "sk": THE_ONE}
        return put(self._rows.table, key | row, ConcurrentWrite("The account has just changed."))

    def _email(self, customer: Customer) -> Write:
        row = {"pk": f"email#{customer.email}", "sk": THE_ONE, "customer_id": customer.customer_id}
        return put(self._rows.table, row, ConcurrentWrite("The address was registered just now."), MISSING)
