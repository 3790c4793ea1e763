"""Errors as AWS words them, for what moto leaves unsaid: limits, permissions, faults."""

import json
from uuid import uuid4
from xml.sax.saxutils import escape


class AwsError(Exception):
    """A refusal with AWS's code, message and status."""

    def __init__(self, code: str, message: str, status: int = 400, **more: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.more = code, message, status, more

    def response(self, protocol: str) -> tuple[int, dict[str, str], bytes]:
        if protocol in ("query", "ec2", "rest-xml"):
            error = (
                f"<Error><Type>Sender</Type><Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>"
            )
            wrapped = error if protocol == "rest-xml" else f"<ErrorResponse>{error}</ErrorResponse>"
            return self.status, {"content-type": "text/xml"}, wrapped.encode()
        body = {"__type": self.code, "message": self.message, "Message": self.message, **self.more}
        headers = {"content-type": "application/x-amz-json-1.1", "x-amzn-errortype": self.code}
        return self.status, headers | {"x-amzn-requestid": str(uuid4())}, json.dumps(body).encode()


def throttled(service: str) -> AwsError:
    match service:
        case "dynamodb":
            return AwsError("ProvisionedThroughputExceededException", "Throughput exceeds the current capacity.")
        case "lambda":
            return AwsError(
                "TooManyRequestsException", "Rate exceeded", 429, Reason="ConcurrentInvocationLimitExceeded"
            )
        case "sesv2":
            return AwsError("TooManyRequestsException", "Rate exceeded", 429)
        case _:
            return AwsError("ThrottlingException", "Rate exceeded")


def internal(service: str) -> AwsError:
    code = {"dynamodb": "InternalServerError", "lambda": "ServiceException", "kms": "KMSInternalException"}
    return AwsError(code.get(service, "InternalFailure"), "An internal error occurred.", 500)


def conflict(service: str, operation: str, items: int) -> AwsError:
    if service == "dynamodb" and operation == "TransactWriteItems":
        reasons = [{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}]
        reasons += [{"Code": "None"}] * (items - 1)
        codes = ", ".join(reason["Code"] for reason in reasons)
        message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
        return AwsError("TransactionCanceledException", message, CancellationReasons=reasons)
    if service == "dynamodb":
        return AwsError("TransactionConflictException", "Transaction is ongoing for the item")
    return AwsError("ConflictException", "The resource is being changed.", 409)
