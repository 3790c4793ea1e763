"""The AWS API over HTTP, for the AWS command line and others: the same state, and functions and sagas really run."""

import re
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest

from local.assembly import REGION
from local.http import Request, Response
from local.platform import Platform

SIGNED_FOR: Final = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/")
# Where the name that requests are signed for is not that of the host.
HOSTS: Final = {"ses": "email", "iam": "iam", "cloudwatch": "monitoring"}
GLOBAL: Final = {"iam"}


def answer(platform: Platform, request: Request) -> Response:
    """Called from within a task."""
    headers = dict(request.headers)
    host = _host({name.lower(): value for name, value in headers.items()})
    url = f"https://{host}{request.target}"
    sent = {name: value for name, value in headers.items() if name.lower() != "host"} | {"host": host}
    prepared = AWSPreparedRequest(request.method, url, sent, request.body, False)  # type: ignore[arg-type]
    status, answered, body = platform.moto.answer(prepared)
    content = body.encode() if isinstance(body, str) else bytes(body)
    return Response(int(status), _plain(answered), content)


def _host(headers: dict[str, str]) -> str:
    signed = SIGNED_FOR.search(headers.get("authorization", ""))
    service = signed[2] if signed else "s3"  # only S3 is asked by links that are signed elsewhere
    if headers.get("x-amz-target", "").startswith("DynamoDBStreams_"):
        service = "streams.dynamodb"
    name = HOSTS.get(service, service)
    return f"{name}.amazonaws.com" if service in GLOBAL else f"{name}.{REGION}.amazonaws.com"


def _plain(headers: Any) -> dict[str, str]:
    dropped = {"content-length", "transfer-encoding", "connection"}
    return {str(k).lower(): str(v) for k, v in dict(headers).items() if str(k).lower() not in dropped}
