"""Functions and state machines."""

import io
import json
import re
import zipfile
from typing import Final

from local.assembly import ACCOUNT, REGION, Created
from local.resources.aws import Aws, Creator, Properties, camel, tags, text, without


def _empty_zip() -> bytes:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    return buffer.getvalue()


# The code runs from the source tree; Lambda's API still wants some.
CODE: Final = {"ZipFile": _empty_zip()}


def function(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("FunctionName", name)[:64]
    if "ZipFile" in properties["Code"] or "ImageUri" in properties["Code"]:
        raise NotImplementedError("inline code and images are not carried on a laptop")
    request = without(properties, "Code", "FunctionName", "Tags", "ReservedConcurrentExecutions", "Layers")
    made = aws("lambda").create_function(FunctionName=name, Code=CODE, Tags=tags(properties), **request)
    return Created(name, {"Arn": made["FunctionArn"]})


def layer_version(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("LayerName", name)
    return Created(f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:{name}:1")


def permission(aws: Aws, name: str, properties: Properties) -> Created:
    aws("lambda").add_permission(StatementId=name[-100:], **properties)
    return Created(name)


def event_source_mapping(aws: Aws, name: str, properties: Properties) -> Created:
    made = aws("lambda").create_event_source_mapping(**without(properties, "Tags"))
    return Created(made["UUID"], {"Id": made["UUID"]})


def event_invoke_config(aws: Aws, name: str, properties: Properties) -> Created:
    aws("lambda").put_function_event_invoke_config(**properties)
    return Created(name)


def state_machine(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("StateMachineName", name)[:80]
    definition = properties.get("DefinitionString") or json.dumps(properties["Definition"])
    for key, value in properties.get("DefinitionSubstitutions", {}).items():
        definition = definition.replace(f"${{{key}}}", text(value))
    if missing := re.findall(r"\$\{(\w+)\}", definition):
        raise ValueError(f"nothing to substitute for {missing}")
    kind = properties.get("StateMachineType", "STANDARD")
    logging = properties.get("LoggingConfiguration")
    made = aws("stepfunctions").create_state_machine(
        name=name,
        definition=definition,
        roleArn=properties["RoleArn"],
        type=kind,
        **({"loggingConfiguration": camel(logging)} if logging else {}),
    )
    return Created(made["stateMachineArn"], {"Arn": made["stateMachineArn"], "Name": name})


CREATORS: dict[str, Creator] = {
    "AWS::Lambda::Function": function,
    "AWS::Lambda::LayerVersion": layer_version,
    "AWS::Lambda::Permission": permission,
    "AWS::Lambda::EventSourceMapping": event_source_mapping,
    "AWS::Lambda::EventInvokeConfig": event_invoke_config,
    "AWS::StepFunctions::StateMachine": state_machine,
}
