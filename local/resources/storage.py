"""Tables, buckets, secrets' neighbours: what keeps data."""

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
    if cors := properties.get("CorsConfiguration"):
        keys = ("AllowedHeaders", "AllowedMethods", "AllowedOrigins", "ExposedHeaders", "MaxAge")
        renamed = {"ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}
        rules = [{renamed.get(key, key): rule[key] for key in keys if key in rule} for rule in cors["CorsRules"]]
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})
    domain = f"{name}.s3.{REGION}.amazonaws.com"
    return Created(
        name,
        {"Arn": f"arn:aws:s3:::{name}", "DomainName": f"{name}.s3.amazonaws.com", "RegionalDomainName": domain},
    )


def bucket_policy(aws: Aws, name: str, properties: Properties) -> Created:
    """moto applies a statement whatever its condition: "deny what does not come over TLS" would deny everything."""
    document = properties["PolicyDocument"]
    certain = [statement for statement in document["Statement"] if "Condition" not in statement]
    if certain:
        aws("s3").put_bucket_policy(Bucket=properties["Bucket"], Policy=text({**document, "Statement": certain}))
    return Created(name)


CREATORS: dict[str, Creator] = {
    "AWS::DynamoDB::Table": table,
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
}
