"""EasyPost's errors, in its own form (https://docs.easypost.com/docs/errors)."""

from sandbox.request import Json


class EasyPostError(Exception):
    def __init__(self, status: int, code: str, message: str, **fields: str) -> None:
        super().__init__(message)
        self.status = status
        errors = [{"field": field, "message": problem, "suggestion": None} for field, problem in fields.items()]
        self.body: Json = {"error": {"code": code, "message": message, "errors": errors}}


class NotFound(EasyPostError):
    def __init__(self, code: str = "NOT_FOUND") -> None:
        super().__init__(404, code, "The requested resource could not be found.")
