"""What a platform keeps, as text, by where it is: for tests that look for what should not be there, or has changed."""

import gzip
import json


def rows(platform):
    dynamodb = platform.operator("dynamodb")
    for page in dynamodb.get_paginator("list_tables").paginate():
        for table in page["TableNames"]:
            for items in dynamodb.get_paginator("scan").paginate(TableName=table):
                for item in items["Items"]:
                    yield table, json.dumps(item, default=str)


def everything(platform):
    """Tables, queues, objects and logs."""
    yield from rows(platform)
    sqs, s3 = platform.operator("sqs"), platform.operator("s3")
    for url in sqs.list_queues().get("QueueUrls", []):
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get(
            "Messages", []
        ):
            yield url, message["Body"]
    for bucket in s3.list_buckets()["Buckets"]:
        for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            body = s3.get_object(Bucket=bucket["Name"], Key=item["Key"])["Body"].read()
            yield f"{bucket['Name']}/{item['Key']}", plain(body)
    for function in platform.functions.by_name.values():
        for environment in function.idle:
            for line in environment.log:
                yield f"log of {function.name}", line


def plain(body):
    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode(errors="replace")
