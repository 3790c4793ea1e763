"""What is read: a payment, its refunds, and the ledger's balances."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from common.domain.money import Money
from payment.books import Sums
from payment.state import Payment, Refund, Status


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


def ledger_balances(sums: Sums) -> list[LedgerBalance]:
    return [
        LedgerBalance(account=account, currency=currency, balance=Money(amount=amount, currency=currency))
        for (account, currency), amount in sorted(sums.items())
    ]
