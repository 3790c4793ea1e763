"""Roles and policies, keys, secrets."""

import json

from local.assembly import ACCOUNT, REGION, Created
from local.resources.aws import Aws, Creator, Properties, text, without


def role(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("RoleName", name)[:64]
    document = text(properties["AssumeRolePolicyDocument"])
    made = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]
    for policy in properties.get("Policies", []):
        _put(aws, name, policy["PolicyName"], policy["PolicyDocument"])
    return Created(name, {"Arn": made["Arn"], "RoleId": made["RoleId"]})


def policy(aws: Aws, name: str, properties: Properties) -> Created:
    for role_name in properties.get("Roles", []):
        _put(aws, role_name, properties["PolicyName"], properties["PolicyDocument"])
    return Created(name)


def managed_policy(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("ManagedPolicyName", name)[:128]
    made = aws("iam").create_policy(PolicyName=name, PolicyDocument=text(properties["PolicyDocument"]))["Policy"]
    for role_name in properties.get("Roles", []):
        aws("iam").attach_role_policy(RoleName=role_name, PolicyArn=made["Arn"])
    return Created(made["Arn"], {"PolicyArn": made["Arn"]})


def _put(aws: Aws, role_name: str, name: str, document: object) -> None:
    aws("iam").put_role_policy(RoleName=role_name, PolicyName=name, PolicyDocument=json.dumps(document))


def key(aws: Aws, name: str, properties: Properties) -> Created:
    request = {
        key: properties[key] for key in ("KeySpec", "KeyUsage", "Description", "MultiRegion") if key in properties
    }
    made = aws("kms").create_key(**request, Policy=text(properties.get("KeyPolicy", {})))["KeyMetadata"]
    return Created(made["KeyId"], {"Arn": made["Arn"], "KeyId": made["KeyId"]})


def alias(aws: Aws, name: str, properties: Properties) -> Created:
    target = properties["TargetKeyId"].rpartition("/")[2]
    aws("kms").create_alias(AliasName=properties["AliasName"], TargetKeyId=target)
    return Created(properties["AliasName"])


def secret(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("Name", name)
    value = properties.get("SecretString")
    if generate := properties.get("GenerateSecretString"):
        asked = without(generate, "SecretStringTemplate", "GenerateStringKey")
        value = aws("secretsmanager").get_random_password(**asked)["RandomPassword"]
        if "GenerateStringKey" in generate:
            template = json.loads(generate.get("SecretStringTemplate", "{}"))
            value = json.dumps({**template, generate["GenerateStringKey"]: value})
    given = {"SecretString": value} if value is not None else {}
    made = aws("secretsmanager").create_secret(Name=name, **given)
    return Created(made["ARN"], {"Id": made["ARN"]})


def parameter(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("Name", f"/{name}")
    aws("ssm").put_parameter(Name=name, Type=properties["Type"], Value=properties["Value"])
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.lstrip('/')}"
    return Created(name, {"Type": properties["Type"], "Value": properties["Value"], "Arn": arn})


CREATORS: dict[str, Creator] = {
    "AWS::IAM::Role": role,
    "AWS::IAM::Policy": policy,
    "AWS::IAM::ManagedPolicy": managed_policy,
    "AWS::KMS::Key": key,
    "AWS::KMS::Alias": alias,
    "AWS::SecretsManager::Secret": secret,
    "AWS::SSM::Parameter": parameter,
}
