"""The fields that several routes take, and the answers that several give."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends, Request, Response
from pydantic import AfterValidator, BaseModel, Field, SecretStr

from common.entrypoint.fields import Text
from identity.access_tokens import LIFETIME
from identity.credentials import address, normalised
from identity.password_strength import LONGEST, SHORTEST
from identity.use_cases.signing_in import Client, Tokens

NewAddress = Annotated[str, Field(max_length=254, examples=["ada@shop.example"]), AfterValidator(address)]
KnownAddress = Annotated[
    str, Field(min_length=1, max_length=254, examples=["ada@shop.example"]), AfterValidator(normalised)
]
NewPassword = Annotated[SecretStr, Field(min_length=SHORTEST, max_length=LONGEST)]
GivenPassword = Annotated[SecretStr, Field(max_length=1024)]
PersonName = Text
OneTimeCode = Annotated[str, Field(min_length=1, max_length=64)]

NOT_STORED = {"Cache-Control": "no-store"}


def _client(request: Request) -> Client:
    """As the gateway has seen them. What the headers say of where they come from, anybody can write."""
    http = request.resolved_event.raw_event["requestContext"]["http"]
    return Client(str(http["sourceIp"]), str(http.get("userAgent", "")))


SignsInFrom = Annotated[Client, Depends(_client)]


class TokenPair(BaseModel):
    access_token: str
    token_type: str = "Bearer"
    expires_in: int = int(LIFETIME.total_seconds())
    refresh_token: str


def pair(tokens: Tokens, headers: dict[str, str | list[str]] | None = None) -> Response[TokenPair]:
    answer = TokenPair(access_token=tokens.access_token, refresh_token=tokens.refresh_token)
    return Response(HTTPStatus.OK, "application/json", answer, {**NOT_STORED, **(headers or {})})
