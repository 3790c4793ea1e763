"""Accounts in the state table, changed together with their events.

pk                 sk   what
user#<id>          -    the customer as their events say, with the password's hash, which no event has
email#<address>    -    whose address it is
"""

from collections.abc import Sequence
from typing import NamedTuple

from common.domain.errors import ConcurrentWrite
from common.domain.message import Origin
from common.infrastructure.repository import DynamoRepository
from common.infrastructure.rows import THE_ONE, Rows
from common.infrastructure.transaction import MISSING, Write, put
from identity.decider import Customer, decider
from identity.events import AnyCustomerEvent

NOBODY = "-"


class Account(NamedTuple):
    customer: Customer
    version: int  # of the stream
    password_hash: str | None  # None until the address is confirmed


class Customers:
    def __init__(self, streams: DynamoRepository[AnyCustomerEvent], rows: Rows) -> None:
        self._streams = streams
        self._rows = rows

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
        assert customer, "something has happened to them"
        version = account.version if account else 0
        kept = password_hash or (account.password_hash if account else None)
        saved = Account(customer, version + len(events), kept)
        writes = [self._user(saved), *also] if account else [self._user(saved), self._email(customer), *also]
        self._streams.save(customer.customer_id, version, events, origin, also=writes)
        return saved

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
