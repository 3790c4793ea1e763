"""The ledger's accounts, and the postings of each movement of money. Each set sums to zero.

    account    a debit (positive) balance is               a credit (negative) balance is
    holds      what banks keep back for us
    held       (never)                                     the same, as what we may still take
    provider   what the provider owes us
    sales      (never)                                     what customers have paid and not got back
    disputed   what the provider keeps until banks decide
    losses     what banks have taken back for good

So holds + held = 0 and provider + disputed + losses + sales = 0 at any time, and all are 0 for an order that came to
nothing.
"""

from common.domain.ledger import Posting, transfer
from common.domain.money import Money


def authorization(amount: Money) -> tuple[Posting, ...]:
    return transfer(amount, debit="holds", credit="held")


def void(amount: Money) -> tuple[Posting, ...]:
    return transfer(amount, debit="held", credit="holds") if amount.amount else ()


def capture(amount: Money) -> tuple[Posting, ...]:
    """The hold ends, and the money moves."""
    return void(amount) + transfer(amount, debit="provider", credit="sales")


def refund(amount: Money) -> tuple[Posting, ...]:
    return transfer(amount, debit="sales", credit="provider")


def dispute(amount: Money) -> tuple[Posting, ...]:
    return transfer(amount, debit="disputed", credit="provider")


def dispute_won(amount: Money) -> tuple[Posting, ...]:
    return transfer(amount, debit="provider", credit="disputed")


def dispute_lost(amount: Money) -> tuple[Posting, ...]:
    return transfer(amount, debit="losses", credit="disputed")


def refund_came_back(amount: Money) -> tuple[Posting, ...]:
    return transfer(amount, debit="provider", credit="sales")
