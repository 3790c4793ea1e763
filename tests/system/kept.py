"""What a platform keeps, as text, by where it is: for tests that look for what should not be there, or has changed."""

import gzip
import json

from local.moto_state import backend


def rows(platform):
    dynamodb = platform.operator("dynamodb")
    for page in dynamodb.get_paginator("list_tables").paginate():
        for table in page["TableNames"]:
            for items in dynamodb.get_paginator("scan").paginate(TableName=table):
                for item in items["Items"]:
                    yield table, json.dumps(item, default=str)


def everything(platform):
    """Tables and their streams, queues with what is in flight, objects, executions, and logs."""
    yield from rows(platform)
    yield from streams()
    yield from queues()
    yield from objects(platform)
    yield from executions(platform)
    for function in platform.functions.by_name.values():
        for environment in function.idle:
            for line in environment.log:
                yield f"log of {function.name}", line


def streams():
    for table in backend("dynamodb").tables.values():
        for record in table.stream_shard.items if table.stream_shard else ():
            yield f"stream of {table.name}", json.dumps(record.to_json(), default=str)


def queues():
    for queue in backend("sqs").queues.values():
        for message in queue._messages:
            yield f"queue {queue.name}", message.body


def objects(platform):
    s3 = platform.operator("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for item in page.get("Contents", []):
                body = s3.get_object(Bucket=bucket["Name"], Key=item["Key"])["Body"].read()
                yield f"object {bucket['Name']}/{item['Key']}", plain(body)


def executions(platform):
    sagas = platform.operator("stepfunctions")
    for machine in sagas.list_state_machines()["stateMachines"]:
        for page in sagas.get_paginator("list_executions").paginate(stateMachineArn=machine["stateMachineArn"]):
            for one in page["executions"]:
                history = sagas.get_execution_history(executionArn=one["executionArn"], maxResults=1000)["events"]
                yield f"execution of {machine['name']}", json.dumps(history, default=str)


def plain(body):
    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode(errors="replace")
