"""EasyPost's webhooks (https://docs.easypost.com/docs/webhooks): signed, at least once, in any order."""

import hmac
import unicodedata
from typing import Any

from pydantic import BaseModel, ValidationError

from common.domain.errors import Malformed
from shipping.easypost import Tracker


class InvalidSignature(Malformed): ...


class Notice(BaseModel):
    id: str
    description: str
    result: dict[str, Any]


def verify(secret: str, body: bytes, signature: str) -> None:
    """Raise InvalidSignature unless whoever sent the body knows the secret."""
    key = unicodedata.normalize("NFKD", secret).encode()
    expected = f"hmac-sha256-hex={hmac.digest(key, body, 'sha256').hex()}"
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise InvalidSignature("The signature is not EasyPost's.")


def read(body: bytes) -> tuple[str, Tracker | None]:
    """The event's id, and the tracker that it tells of; None for an event that is not for us."""
    try:
        notice = Notice.model_validate_json(body)
        if notice.description not in ("tracker.created", "tracker.updated"):
            return notice.id, None
        return notice.id, Tracker.model_validate(notice.result)
    except ValidationError as error:
        raise Malformed("This is not an event of EasyPost's.") from error
