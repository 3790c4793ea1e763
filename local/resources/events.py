"""Queues, topics, buses, rules and schedules: what carries messages."""

import json

from local.assembly import ACCOUNT, REGION, Created
from local.resources.aws import Aws, Creator, Properties, tags, text, without


def queue(aws: Aws, name: str, properties: Properties) -> Created:
    fifo = ".fifo" if properties.get("FifoQueue") else ""
    name = properties.get("QueueName", name[: 80 - len(fifo)] + fifo)
    attributes = {key: text(value) for key, value in without(properties, "QueueName", "Tags").items()}
    url = aws("sqs").create_queue(QueueName=name, Attributes=attributes, tags=tags(properties))["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    return Created(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})


def queue_policy(aws: Aws, name: str, properties: Properties) -> Created:
    for url in properties["Queues"]:
        aws("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": text(properties["PolicyDocument"])})
    return Created(name)


def topic(aws: Aws, name: str, properties: Properties) -> Created:
    arn = aws("sns").create_topic(Name=properties.get("TopicName", name)[:256])["TopicArn"]
    return Created(arn, {"TopicArn": arn, "TopicName": arn.rpartition(":")[2]})


def topic_policy(aws: Aws, name: str, properties: Properties) -> Created:
    for arn in properties["Topics"]:
        policy = text(properties["PolicyDocument"])
        aws("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return Created(name)


def subscription(aws: Aws, name: str, properties: Properties) -> Created:
    attributes = {key: text(value) for key, value in without(properties, "TopicArn", "Protocol", "Endpoint").items()}
    made = aws("sns").subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties["Endpoint"],
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )
    return Created(made["SubscriptionArn"], {"Arn": made["SubscriptionArn"]})


def event_bus(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("Name", name)
    made = aws("events").create_event_bus(Name=name)
    return Created(name, {"Arn": made["EventBusArn"], "Name": name})


def rule(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("Name", name)[:64]
    request = without(properties, "Name", "Targets", "EventPattern")
    if "EventPattern" in properties:
        request["EventPattern"] = json.dumps(properties["EventPattern"])
    made = aws("events").put_rule(Name=name, **request)
    if targets := properties.get("Targets"):
        bus = {"EventBusName": properties["EventBusName"]} if "EventBusName" in properties else {}
        aws("events").put_targets(Rule=name, Targets=targets, **bus)
    return Created(name, {"Arn": made["RuleArn"]})


def schedule(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("Name", name)[:64]
    made = aws("scheduler").create_schedule(Name=name, **without(properties, "Name"))
    return Created(name, {"Arn": made["ScheduleArn"]})


def schedule_group(aws: Aws, name: str, properties: Properties) -> Created:
    name = properties.get("Name", name)[:64]
    made = aws("scheduler").create_schedule_group(Name=name)
    return Created(name, {"Arn": made["ScheduleGroupArn"]})


CREATORS: dict[str, Creator] = {
    "AWS::SQS::Queue": queue,
    "AWS::SQS::QueuePolicy": queue_policy,
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SNS::Subscription": subscription,
    "AWS::Events::EventBus": event_bus,
    "AWS::Events::Rule": rule,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::Scheduler::ScheduleGroup": schedule_group,
}
