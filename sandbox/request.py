"""A request and an answer as the sandboxes see them: plain values, whoever carries them."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Headers = dict[str, str]
Answer = tuple[int, Headers, bytes]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    headers: Headers  # names in lower case
    body: bytes

    @classmethod
    def of(cls, method: str, path_and_query: str, headers: Headers, body: bytes) -> "Request":
        path, _, query = path_and_query.partition("?")
        return cls(method.upper(), path, query, {name.lower(): value for name, value in headers.items()}, body)

    def api_key(self) -> str | None:
        """The key, sent as a Bearer token or as the user name of Basic authentication."""
        scheme, _, credentials = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return credentials.strip()
        if scheme.lower() != "basic":
            return None
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None
