"""Which of AWS's services may use a function or a queue: Lambda's permissions and the policies of queues."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from local.assembly import ACCOUNT, REGION, Resource
from local.policies import Statement, allowed, like

API = "apigateway.amazonaws.com"
EVENTS = "events.amazonaws.com"
SCHEDULER = "scheduler.amazonaws.com"


class ResourcePolicies:
    def __init__(self, resources: Iterable[Resource]) -> None:
        self._functions: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self._queues: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for resource in resources:
            properties = resource.properties
            if resource.type == "AWS::Lambda::Permission":
                self._functions[_function_arn(properties["FunctionName"])].append(properties)
            elif resource.type == "AWS::SQS::QueuePolicy":
                for url in properties["Queues"]:
                    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{url.rpartition('/')[2]}"
                    self._queues[queue] += properties["PolicyDocument"]["Statement"]

    def may_invoke(self, service: str, function: str, source: str = "") -> bool:
        """Whether the service may invoke the function, on behalf of the source if that is known."""
        return any(
            one["Principal"] == service and (not source or like(source, one.get("SourceArn", "*")))
            for one in self._functions[_function_arn(function)]
        )

    def may_send(self, service: str, queue: str, source: str) -> bool:
        speaking = [one for one in self._queues[queue] if _is_for(one["Principal"], service)]
        context = {"aws:SourceArn": (source,), "aws:SecureTransport": ("true",), "aws:SourceAccount": (ACCOUNT,)}
        return allowed(Statement.read({"Statement": speaking}), "sqs:SendMessage", queue, context)


def _function_arn(name: str) -> str:
    return name if name.startswith("arn:") else f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def _is_for(principal: Any, service: str) -> bool:
    if isinstance(principal, str):
        return principal == "*"
    named = principal.get("Service", principal.get("AWS", []))
    return bool({"*", service} & set([named] if isinstance(named, str) else named))
