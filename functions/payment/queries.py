"""What is read: a payment, its refunds, and the ledger.

Rows in the state table:

    pk        sk                 what
    ledger    one of 16 shards   sums of postings, an attribute per account and currency, such as `holds_EUR`
    inbox#…   -                  what has been heard
    breaker   stripe             whether Stripe is left alone
"""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from common.application.ports import Write
from common.domain.errors import ConcurrentWrite
from common.domain.ledger import Posting, balances
from common.domain.money import Money, total
from common.infrastructure.rows import Rows
from common.infrastructure.transaction import update
from payment.state import Payment, Refund, Status

LEDGER = "ledger"


class PaymentNextAction(BaseModel):
    redirect_url: str


class PaymentView(BaseModel):
    payment_id: str
    order_id: str
    status: Status
    authorized: Money
    captured: Money
    refunded: Money
    voided: Money
    currency: str
    provider: str
    next_action: Annotated[PaymentNextAction | None, Field(exclude_if=lambda action: action is None)] = None
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def of(cls, payment: Payment) -> "PaymentView":
        asked = payment.requested
        must_act = payment.status == "requires_action"
        return cls(
            payment_id=asked.payment_id,
            order_id=asked.order_id,
            status=payment.status,
            authorized=payment.authorized,
            captured=payment.captured,
            refunded=payment.refunded,
            voided=payment.voided,
            currency=asked.amount.currency,
            provider=asked.provider,
            next_action=PaymentNextAction(redirect_url=payment.redirect_url) if must_act else None,
            created_at=asked.at,
            updated_at=payment.updated_at,
        )


class PaymentRefundView(BaseModel):
    refund_id: str
    payment_id: str
    amount: Money
    reason: str
    status: str
    requested_at: AwareDatetime

    @classmethod
    def of(cls, payment: Payment, refund: Refund) -> "PaymentRefundView":
        return cls(
            refund_id=refund.refund_id,
            payment_id=payment.payment_id,
            amount=refund.amount,
            reason=refund.reason,
            status=refund.status,
            requested_at=refund.requested_at,
        )


class LedgerBalance(BaseModel):
    account: str
    currency: str
    balance: Money  # positive is a debit


class Ledger:
    """Balances, folded from the postings in the events. In shards, so that payments do not queue for one row."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def post(self, payment_id: str, postings: Iterable[Posting]) -> Write:
        """To be committed with the mark of the event: adding twice would count twice."""
        sums: dict[str, Any] = {
            f"{account}_{currency}": money.amount for (account, currency), money in balances(postings).items()
        }
        return update(
            self._rows.table,
            {"pk": LEDGER, "sk": payment_id[-1]},
            "ADD " + ", ".join(f"#{name} :{name}" for name in sums),
            ConcurrentWrite("Others post to this shard."),
            **sums,
        )

    def balances(self) -> list[LedgerBalance]:
        """By account and currency; they sum to zero in each currency."""
        shards: Sequence[dict[str, Any]] = list(self._rows.every(LEDGER))
        names = sorted({name for shard in shards for name in shard if re.fullmatch(r"\w+_[A-Z]{3}", name)})
        return [_balance(name, [shard.get(name, 0) for shard in shards]) for name in names]


def _balance(name: str, amounts: Sequence[int]) -> LedgerBalance:
    account, _, currency = name.rpartition("_")
    sum_ = total((Money(amount=amount, currency=currency) for amount in amounts), currency)
    return LedgerBalance(account=account, currency=currency, balance=sum_)
