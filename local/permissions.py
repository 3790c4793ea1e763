"""What IAM calls the things that a call does: its actions, the resources they touch, what conditions may ask about."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any, Final

from local.api_call import ApiCall
from local.assembly import ACCOUNT, REGION
from local.moto_state import backend

Parameters = Mapping[str, Any]
TRANSACTION: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
PREFIXES: Final = {"stepfunctions": "states", "sesv2": "ses"}


@dataclass(frozen=True)
class Need:
    """One action that must be allowed, on at least one of the names that the resource goes by."""

    action: str
    resources: tuple[str, ...]
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def needs(call: ApiCall) -> list[Need]:
    return list(BY_SERVICE.get(call.service, _anything)(call))


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def _anything(call: ApiCall) -> Iterator[Need]:
    yield Need(f"{PREFIXES.get(call.service, call.service)}:{call.operation}", ("*",))


def _dynamodb(call: ApiCall) -> Iterator[Need]:
    parameters = call.parameters
    match call.operation:
        case "TransactWriteItems":
            for item in parameters["TransactItems"]:
                [(kind, operation)] = item.items()
                yield _on_table(TRANSACTION[kind], operation)
        case "TransactGetItems":
            for item in parameters["TransactItems"]:
                yield _on_table("GetItem", item["Get"])
        case "BatchGetItem" | "BatchWriteItem":
            for table in parameters["RequestItems"]:
                yield Need(f"dynamodb:{call.operation}", (_table(table),))
        case _ if "TableName" in parameters:
            yield _on_table(call.operation, parameters)
        case _:
            yield from _anything(call)


def _on_table(operation: str, parameters: Parameters) -> Need:
    arn = _table(parameters["TableName"])
    if "IndexName" in parameters:
        arn += f"/index/{parameters['IndexName']}"
    key = _leading_key(parameters)
    return Need(f"dynamodb:{operation}", (arn,), {"dynamodb:LeadingKeys": (key,)} if key is not None else {})


def _table(name: str) -> str:
    return name if name.startswith("arn:") else _arn("dynamodb", f"table/{name}")


def _leading_key(parameters: Parameters) -> str | None:
    attributes = parameters.get("Key") or parameters.get("Item")
    if attributes is not None:
        table = backend("dynamodb").tables.get(parameters["TableName"])
        value = attributes.get(table.hash_key_attr) if table else None
    else:
        found = re.search(r"=\s*(:\w+)", parameters.get("KeyConditionExpression", ""))
        value = parameters.get("ExpressionAttributeValues", {}).get(found[1]) if found else None
    return None if not value else str(next(iter(value.values())))


def _events(call: ApiCall) -> Iterator[Need]:
    if call.operation != "PutEvents":
        yield from _anything(call)
        return
    for entry in call.parameters["Entries"]:
        bus = str(entry.get("EventBusName", "default")).rpartition("/")[2]
        context = {"events:source": (entry.get("Source", ""),), "events:detail-type": (entry.get("DetailType", ""),)}
        yield Need("events:PutEvents", (_arn("events", f"event-bus/{bus}"),), context)


def _sqs(call: ApiCall) -> Iterator[Need]:
    queue = str(call.parameters.get("QueueUrl", call.parameters.get("QueueName", "*"))).rpartition("/")[2]
    yield Need(f"sqs:{call.operation.removesuffix('Batch')}", (_arn("sqs", queue),))


def _sns(call: ApiCall) -> Iterator[Need]:
    yield Need(f"sns:{call.operation}", (call.parameters.get("TopicArn", call.parameters.get("TargetArn", "*")),))


def _ses(call: ApiCall) -> Iterator[Need]:
    if call.operation != "SendEmail":
        yield from _anything(call)
        return
    address = parseaddr(call.parameters.get("FromEmailAddress", ""))[1]
    identities = tuple(_arn("ses", f"identity/{one}") for one in (address, address.partition("@")[2]))
    context = {"ses:FromAddress": (address,)}
    yield Need("ses:SendEmail", identities, context)
    if settings := call.parameters.get("ConfigurationSetName"):
        yield Need("ses:SendEmail", (_arn("ses", f"configuration-set/{settings}"),), context)


def _kms(call: ApiCall) -> Iterator[Need]:
    named = call.parameters.get("KeyId")
    if named is None:
        yield from _anything(call)
        return
    context = {
        f"kms:{key}": (str(call.parameters[key]),)
        for key in ("SigningAlgorithm", "MacAlgorithm", "EncryptionAlgorithm", "MessageType")
        if key in call.parameters
    }
    if "alias/" in named:
        context["kms:RequestAlias"] = (named[named.index("alias/") :],)
    key = backend("kms").get_key_id_from_alias(named[named.index("alias/") :]) if "alias/" in named else named
    yield Need(f"kms:{call.operation}", (_arn("kms", f"key/{str(key).rpartition('/')[2]}"),), context)


def _secrets(call: ApiCall) -> Iterator[Need]:
    named = call.parameters.get("SecretId", "*")
    secret = next((one for one in backend("secretsmanager").secrets.values() if named in (one.name, one.arn)), None)
    yield Need(f"secretsmanager:{call.operation}", (secret.arn if secret else named,))


def _states(call: ApiCall) -> Iterator[Need]:
    given = call.parameters
    arn = given.get("stateMachineArn") or given.get("executionArn") or _waiting_by(given.get("taskToken")) or "*"
    yield Need(f"states:{call.operation}", (arn,))


def _waiting_by(token: str | None) -> str | None:
    """The machine one of whose executions waits for whoever has this token."""
    for machine in backend("stepfunctions").state_machines:
        for execution in machine.executions:
            worker = execution.exec_worker
            if token and worker and worker.env and worker.env.callback_pool_manager.get(token):
                return str(machine.arn)
    return None


def _lambda(call: ApiCall) -> Iterator[Need]:
    name = call.parameters.get("FunctionName", "*")
    arn = name if name.startswith(("arn:", "*")) else _arn("lambda", f"function:{name}")
    yield Need("lambda:InvokeFunction" if call.operation == "Invoke" else f"lambda:{call.operation}", (arn,))


def _ssm(call: ApiCall) -> Iterator[Need]:
    names = call.parameters.get("Names") or [call.parameters.get("Name") or call.parameters.get("Path", "*")]
    for name in names:
        yield Need(f"ssm:{call.operation}", (_arn("ssm", f"parameter/{name.lstrip('/')}"),))


def _s3(call: ApiCall) -> Iterator[Need]:
    bucket, key = call.parameters.get("Bucket", "*"), call.parameters.get("Key")
    action = {"HeadObject": "GetObject", "ListObjectsV2": "ListBucket", "HeadBucket": "ListBucket"}
    resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
    yield Need(f"s3:{action.get(call.operation, call.operation)}", (resource,))


BY_SERVICE: Final[Mapping[str, Callable[[ApiCall], Iterator[Need]]]] = {
    "dynamodb": _dynamodb,
    "events": _events,
    "sqs": _sqs,
    "sns": _sns,
    "sesv2": _ses,
    "kms": _kms,
    "secretsmanager": _secrets,
    "stepfunctions": _states,
    "lambda": _lambda,
    "ssm": _ssm,
    "s3": _s3,
}
