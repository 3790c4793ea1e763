"""ETag, If-Match and If-None-Match (RFC 9110, 13): who changes a thing says which version of it they saw."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Depends, Request

from common.domain.errors import PreconditionFailed, PreconditionRequired


def etag(version: int) -> str:
    return f'"{version}"'


def _if_match(request: Request) -> str:
    header = request.resolved_event.headers.get("if-match")
    if not header:
        raise PreconditionRequired("Send If-Match with the ETag of what you change.")
    return str(header)


def require_match(if_match: str, version: int) -> None:
    """Raise PreconditionFailed unless the header names this version (`*` names any). Weak tags never match."""
    named = {tag.strip() for tag in if_match.split(",")}
    if "*" not in named and etag(version) not in named:
        raise PreconditionFailed("It has changed since you read it.")


def _if_none_match(request: Request) -> frozenset[str]:
    header = request.resolved_event.headers.get("if-none-match") or ""
    return frozenset(tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip())


IfMatch = Annotated[str, Depends(_if_match)]
IfNoneMatch = Annotated[frozenset[str], Depends(_if_none_match)]
