"""Routes of a domain on the one HTTP API: which path goes to which function, and whether a token must come with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_


@dataclass(frozen=True)
class Routes:
    """`signed_in` pass the authorizer; `public` do not. Each is a route key, as in "GET /orders/{order_id}"."""

    function: lambda_.IFunction
    signed_in: Sequence[str] = ()
    public: Sequence[str] = ()
