"""moto's own routing of requests to its backends, worked out once per host."""

import re
from typing import Any, Final, cast
from urllib.parse import urlparse

import moto.backend_index as index
from botocore.awsrequest import AWSPreparedRequest
from moto.backends import get_backend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import HTTPException
from moto.core.request import normalize_request

from local.assembly import ACCOUNT

INSTEAD: Final = {"apigateway": "apigatewayv2"}  # they share a host, and the first wants packages of no use to us
MotoAnswer = tuple[int, Any, Any]  # status, headers, body


class MotoRoutes:
    def __init__(self) -> None:
        self._hosts: dict[str, list[tuple[re.Pattern[str], Any]]] = {}
        self._stubber = BotocoreStubber()

    def answer(self, request: AWSPreparedRequest) -> MotoAnswer:
        url = urlparse(request.url)
        host = f"{url.scheme}://{url.netloc}"
        if ".s3." not in host and "//s3." not in host:
            for path, respond in self._routes(host):
                if path.match(f"{host}{url.path}"):
                    normalized = normalize_request(request)
                    try:
                        return cast(MotoAnswer, respond(normalized, normalized.raw_url, normalized.headers))
                    except HTTPException as error:
                        return error.code, error.get_headers(), error.get_body()
        answer: MotoAnswer | None = self._stubber.process_request(request)
        if answer is None:
            raise NotImplementedError(f"moto does not answer {request.url}")
        return answer

    def _routes(self, host: str) -> list[tuple[re.Pattern[str], Any]]:
        if host not in self._hosts:
            self._hosts[host] = []
            for service, pattern in index.backend_url_patterns:
                if pattern.match(host):
                    regions = get_backend(INSTEAD.get(service, service))[ACCOUNT]
                    backend = regions["us-east-1" if "us-east-1" in regions else "aws"]
                    self._hosts[host] += [(re.compile(path), respond) for path, respond in backend.urls.items()]
        return self._hosts[host]
