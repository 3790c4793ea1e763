"""Tables, buckets, secrets' neighbours: what keeps data."""

from collections.abc import Callable
from typing import Any

from local.assembly import REGION, Created
from local.resources.aws import Aws, Creator, Properties, text, without


def table(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("TableName", name)[:255]
    dynamodb = aws("dynamodb")
    request: dict[str, Any] = without(
        properties,
        "TableName",
        "TimeToLiveSpecification",
        "PointInTimeRecoverySpecification",
        "ContributorInsightsSpecification",
        "KinesisStreamSpecification",
        "ResourcePolicy",
    )
    if "StreamSpecification" in request:
        request["StreamSpecification"] = {
            "StreamEnabled": True,
            **without(request["StreamSpecification"], "ResourcePolicy"),
        }
    if encryption := request.pop("SSESpecification", None):
        request["SSESpecification"] = {"Enabled": encryption["SSEEnabled"], **without(encryption, "SSEEnabled")}
    made = dynamodb.create_table(TableName=name, **request)["TableDescription"]
    if ttl := properties.get("TimeToLiveSpecification"):
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
    if recovery := properties.get("PointInTimeRecoverySpecification"):
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    stream = {"StreamArn": made["LatestStreamArn"]} if "LatestStreamArn" in made else {}
    return Created(name, {"Arn": made["TableArn"], **stream})


def bucket(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("BucketName", name.lower())[:63]
    s3 = aws("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    for kind, setting in without(properties, "BucketName", "Tags").items():
        SETTINGS[kind](s3, name, setting)
    domain = f"{name}.s3.{REGION}.amazonaws.com"
    return Created(
        name,
        {"Arn": f"arn:aws:s3:::{name}", "DomainName": f"{name}.s3.amazonaws.com", "RegionalDomainName": domain},
    )


def _cors(s3: Any, name: str, setting: Any) -> None:
    keys = ("AllowedHeaders", "AllowedMethods", "AllowedOrigins", "ExposedHeaders", "MaxAge")
    renamed = {"ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}
    rules = [{renamed.get(key, key): rule[key] for key in keys if key in rule} for rule in setting["CorsRules"]]
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})


def _encryption(s3: Any, name: str, setting: Any) -> None:
    renamed = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
    rules = [
        {renamed.get(key, key): value for key, value in rule.items()}
        for rule in setting["ServerSideEncryptionConfiguration"]
    ]
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})


def _lifecycle(s3: Any, name: str, setting: Any) -> None:
    s3.put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": [_lifecycle_rule(rule) for rule in setting["Rules"]]}
    )


def _lifecycle_rule(rule: Properties) -> Properties:
    made: Properties = {"Filter": {"Prefix": rule.get("Prefix", "")}, **without(rule, "Prefix", "Id")}
    if "Id" in rule:
        made["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        made["Expiration"] = {"Days": made.pop("ExpirationInDays")}
    if "Transitions" in rule:
        renamed = {"TransitionInDays": "Days", "TransitionDate": "Date"}
        made["Transitions"] = [{renamed.get(key, key): one[key] for key in one} for one in rule["Transitions"]]
    return made


# What a template may say about a bucket. Anything else is an error.
SETTINGS: dict[str, Callable[[Any, str, Any], None]] = {
    "BucketEncryption": _encryption,
    "CorsConfiguration": _cors,
    "LifecycleConfiguration": _lifecycle,
    "OwnershipControls": lambda s3, name, setting: s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls=setting
    ),
    "PublicAccessBlockConfiguration": lambda s3, name, setting: s3.put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration=setting
    ),
    "VersioningConfiguration": lambda s3, name, setting: s3.put_bucket_versioning(
        Bucket=name, VersioningConfiguration=setting
    ),
}


def bucket_policy(aws: Aws, name: str, properties: Properties) -> Created:
    aws("s3").put_bucket_policy(Bucket=properties["Bucket"], Policy=text(properties["PolicyDocument"]))
    return Created(name)


CREATORS: dict[str, Creator] = {
    "AWS::DynamoDB::Table": table,
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
}
