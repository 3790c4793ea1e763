"""Double-entry postings: each set sums to zero, so money only ever moves from one account to another."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from common.domain.money import Money, zero


class Posting(BaseModel):
    """A positive amount debits the account, a negative one credits it."""

    model_config = ConfigDict(frozen=True)
    account: str
    amount: Money


def transfer(amount: Money, *, debit: str, credit: str) -> tuple[Posting, ...]:
    return (Posting(account=debit, amount=amount), Posting(account=credit, amount=-amount))


def balances(postings: Iterable[Posting]) -> dict[tuple[str, str], Money]:
    """By account and currency."""
    sums: dict[tuple[str, str], Money] = {}
    for posting in postings:
        key = (posting.account, posting.amount.currency)
        sums[key] = sums.get(key, zero(posting.amount.currency)) + posting.amount
    return sums
