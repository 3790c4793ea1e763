"""A request of a boto3 client at the seam: carried out by moto, or made to fail as AWS fails."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from moto.core.botocore_stubber import MockRawResponse

from local import partial
from local.api_call import ApiCall
from local.aws_error import AwsError, conflict, internal, throttled
from local.identity import Caller
from local.moto_routes import MotoRoutes

DELIVERIES: Final = {"PutEvents", "SendMessage", "SendMessageBatch", "Publish", "Invoke", "StartExecution"}


class Aws(Protocol):
    """What stands behind the requests."""

    routes: MotoRoutes
    guard: Callable[[ApiCall], None]  # raises AwsError for what AWS would refuse and moto would not
    notice: Callable[[ApiCall, AWSResponse], None]  # is told of what AWS has accepted, and how it answered
    records_twice: Callable[[], AbstractContextManager[None]]  # doubles what streams deliver meanwhile


class AwsChannel:
    """One request of a boto3 client."""

    def __init__(self, aws: Aws, request: AWSPreparedRequest, call: ApiCall, caller: Caller) -> None:
        self._aws, self._request, self._call, self._caller = aws, request, call, caller

    def perform(self) -> AWSResponse:
        try:
            if self._caller.kind != "operator":
                self._aws.guard(self._call)
            response = self._response(*self._aws.routes.answer(self._request))
        except AwsError as error:
            return self._refused(error)
        if response.status_code < 300:
            self._aws.notice(self._call, response)
        return response

    def perform_in_part(self) -> AWSResponse:
        split = partial.leave_one_out(self._call.operation, json.loads(cast(bytes, self._request.body)))
        if split is None:
            return self.broken()
        remaining, merge = split
        answer: dict[str, Any] = {}
        if remaining is not None:
            request = replace_body(self._request, json.dumps(remaining).encode())
            answer = json.loads(AwsChannel(self._aws, request, self._call, self._caller).perform().content)
        return self._response(200, {"content-type": "application/x-amz-json-1.1"}, json.dumps(merge(answer)).encode())

    def perform_twice(self) -> AWSResponse:
        """Double what is delivered because of the call. A call that delivers nothing stays as it is."""
        if self._call.service == "dynamodb":
            with self._aws.records_twice():
                return self.perform()
        answer = self.perform()
        if self._call.operation in DELIVERIES:
            self.perform()
        return answer

    def throttled(self) -> AWSResponse:
        return self._refused(throttled(self._call.service))

    def broken(self) -> AWSResponse:
        return self._refused(internal(self._call.service))

    def conflicting(self) -> AWSResponse:
        items = len(self._call.parameters.get("TransactItems", [1]))
        return self._refused(conflict(self._call.service, self._call.operation, items))

    def unreachable(self) -> AWSResponse:
        if self._caller.kind == "saga":  # Step Functions' own connections: it knows them as errors of the service
            return self.broken()
        raise ConnectTimeoutError(endpoint_url=self._request.url)

    def silent(self) -> AWSResponse:
        if self._caller.kind == "saga":
            return self.broken()
        raise ReadTimeoutError(endpoint_url=self._request.url)

    def _refused(self, error: AwsError) -> AWSResponse:
        return self._response(*error.response(self._call.protocol))

    def _response(self, status: int, headers: Any, body: Any) -> AWSResponse:
        return AWSResponse(self._request.url, status, headers, MockRawResponse(body))


def replace_body(request: AWSPreparedRequest, body: bytes) -> AWSPreparedRequest:
    return AWSPreparedRequest(request.method, request.url, request.headers, body, request.stream_output)
