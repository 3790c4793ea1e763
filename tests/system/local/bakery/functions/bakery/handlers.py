"""Each entry point does one thing that the engine has to carry."""

import json
import time
import uuid

import urllib3

from bakery.bootstrap import client, settings


class Burnt(Exception): ...


def api(event, context):
    if event["routeKey"] == "GET /loaves/{loaf}":
        found = client("dynamodb").get_item(
            TableName=settings()["table"], Key={"loaf": {"S": event["pathParameters"]["loaf"]}}
        )
        return answer(200, state(found["Item"])) if "Item" in found else answer(404, {})
    if event["routeKey"] == "GET /echo":
        return answer(200, event)
    order = json.loads(event["body"])
    item = {"loaf": order.get("loaf") or str(uuid.uuid4()), "state": "ordered", "flour": order.get("flour", "rye")}
    client("dynamodb").put_item(
        TableName=settings()["table"],
        Item={key: {"S": value} for key, value in item.items()},
        ConditionExpression="attribute_not_exists(#loaf)",
        ExpressionAttributeNames={"#loaf": "loaf"},
    )
    return answer(201, item)


def authorizer(event, context):
    [token] = event["identitySource"]
    if token == "broken":
        raise ValueError(token)
    return {"isAuthorized": token != "denied", "context": {"who": token}}


def relay(event, context):
    entries = [
        {
            "Source": "bakery",
            "DetailType": "LoafOrdered",
            "Detail": json.dumps(state(record["dynamodb"]["NewImage"])),
            "EventBusName": settings()["bus"],
        }
        for record in event["Records"]
    ]
    for position, entry in enumerate(client("events").put_events(Entries=entries)["Entries"]):
        if "ErrorCode" in entry:
            number = event["Records"][position]["dynamodb"]["SequenceNumber"]
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def consumer(event, context):
    failures = []
    for record in event["Records"]:
        loaf = json.loads(record["body"])
        if loaf["flour"] == "weevils":
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        update(loaf["loaf"], "told", settings()["name"])
    return {"batchItemFailures": failures}


def tasks(event, context):
    if event["step"] == "bake" and event["flour"] == "charcoal":
        raise Burnt("as black as the night")
    if event["step"] == "bake" and event["flour"] == "slow":
        time.sleep(60)
    update(event["loaf"], "state", event["becomes"])
    return {"step": event["step"]}


def sweeper(event, context):
    update("sweeper", "swept", event["time"])
    print("swept")


def mill(event, context):
    response = urllib3.PoolManager().request("POST", "https://mill.example/grind", body=b"rye", retries=False)
    return {"status": response.status, "body": response.data.decode()}


def update(loaf, name, value):
    client("dynamodb").update_item(
        TableName=settings()["table"],
        Key={"loaf": {"S": loaf}},
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":value": {"S": value}},
    )


def answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


def state(item):
    return {key: value["S"] for key, value in item.items()}
