"""Stripe's errors, in its own form (https://docs.stripe.com/api/errors).

StripeError             an answer of 4xx or 5xx
├── InvalidParameter    400: refused before execution began, so it does not burn an idempotency key
├── NotFound            404
├── UnexpectedState     400: the intent is not in a state that allows this
└── CardError           402: the bank said no
"""

from sandbox.request import Json

DOCS = "https://docs.stripe.com/error-codes"


class StripeError(Exception):
    def __init__(self, status: int, kind: str, message: str, code: str | None = None, **more: object) -> None:
        super().__init__(message)
        self.status = status
        documented = {"code": code, "doc_url": f"{DOCS}#{code.replace('_', '-')}"} if code else {}
        present = {name: value for name, value in more.items() if value is not None}
        self.body: Json = {"error": {**documented, "message": message, **present, "type": kind}}


class InvalidParameter(StripeError):
    def __init__(self, param: str, message: str, code: str | None = None) -> None:
        super().__init__(400, "invalid_request_error", message, code, param=param)


class NotFound(StripeError):
    def __init__(self, what: str, object_id: str, param: str = "id", status: int = 404) -> None:
        message = f"No such {what}: '{object_id}'"
        super().__init__(status, "invalid_request_error", message, "resource_missing", param=param)


class UnexpectedState(StripeError):
    def __init__(self, message: str, intent: Json) -> None:
        code = "payment_intent_unexpected_state"
        super().__init__(400, "invalid_request_error", message, code, payment_intent=intent)


class CardError(StripeError):
    def __init__(self, failure: Json, intent: Json) -> None:
        more = {name: value for name, value in failure.items() if name not in ("type", "code", "doc_url", "message")}
        super().__init__(402, "card_error", failure["message"], failure["code"], payment_intent=intent, **more)
