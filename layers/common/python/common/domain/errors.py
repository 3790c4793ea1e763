"""Every way a request can be refused.

DomainError
├── Malformed                   it cannot be understood                                     400
│   ├── IdempotencyKeyRequired
│   └── InvalidCursor
├── Unauthenticated             we do not know who asks                                     401
├── Forbidden                   we know who asks, and they may not                          403
├── NotFound                    it does not exist, or is not theirs: nobody can tell which  404
├── Conflict                    the aggregate is in the wrong state for this command        409
│   ├── ConcurrentWrite         someone else saved first; load again and retry
│   ├── AlreadyDone             an inbox mark or an idempotency record says so
│   └── IdempotencyKeyInFlight  a twin of this request is being answered right now
├── PreconditionFailed          If-Match names another version                              412
├── TooLarge                    more than we read                                           413
├── Invalid                     it is understood, and cannot be right                       422
│   └── IdempotencyKeyReused
├── PreconditionRequired        If-Match is missing                                         428
├── TooManyRequests             this caller, too often                                      429
└── Unavailable                 something that we need is down, or does not answer          503
"""

import re


class DomainError(Exception):
    """A refusal the caller can understand, with a message written for them. Never a fault of ours."""

    def __init__(self, message: str = "", *, field: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.field = field  # which field of the request is to blame, as in `items.0.sku`
        self.retry_after = retry_after  # seconds

    @property
    def code(self) -> str:
        """The class name as clients see it, `OutOfStock` as `out_of_stock`: renaming a class breaks them."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


class Malformed(DomainError): ...


class IdempotencyKeyRequired(Malformed): ...


class InvalidCursor(Malformed): ...


class Unauthenticated(DomainError): ...


class Forbidden(DomainError): ...


class NotFound(DomainError): ...


class Conflict(DomainError): ...


class ConcurrentWrite(Conflict): ...


class AlreadyDone(Conflict): ...


class IdempotencyKeyInFlight(Conflict): ...


class PreconditionFailed(DomainError): ...


class TooLarge(DomainError): ...


class Invalid(DomainError): ...


class IdempotencyKeyReused(Invalid): ...


class PreconditionRequired(DomainError): ...


class TooManyRequests(DomainError): ...


class Unavailable(DomainError): ...
