"""Why a payment is refused. The state machines know these by name.

Conflict
├── PaymentDeclined         the bank, or the provider for it, said no
├── PaymentClosed           it was voided, perhaps before it began
├── PaymentNotCapturable    nothing is held that could be taken, or not as much
├── RefundExceedsCaptured   together with other refunds it would be more than was taken
└── RefundRefused           the provider said no
Malformed
└── InvalidSignature        whoever sent this webhook does not have the secret, or sent it long ago
"""

from common.domain.errors import Conflict, Malformed


class PaymentDeclined(Conflict): ...


class PaymentClosed(Conflict): ...


class PaymentNotCapturable(Conflict): ...


class RefundExceedsCaptured(Conflict): ...


class RefundRefused(Conflict): ...


class InvalidSignature(Malformed): ...
