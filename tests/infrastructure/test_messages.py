"""What is published reaches who asked for it, and what cannot be handled is kept and rings."""

import json
from importlib import import_module
from pkgutil import walk_packages

import pytest

from common.domain.message import Event, Message


def is_dead_letters(queue):
    return queue.properties["QueueName"].endswith("-dead-letters")


@pytest.fixture(scope="module")
def queues(resources):
    return {one.arn: one for one in resources("AWS::SQS::Queue")}


@pytest.fixture(scope="module")
def rules(resources):
    return resources("AWS::Events::Rule")


def test_every_queue_gives_up_into_a_dead_letter_queue(queues):
    for queue in queues.values():
        if not is_dead_letters(queue):
            redrive = queue.properties["RedrivePolicy"]
            assert is_dead_letters(queues[redrive["deadLetterTargetArn"]])
            assert redrive["maxReceiveCount"] >= 5


def test_every_dead_letter_queue_rings(queues, resources):
    heard = {
        dimension["Value"]
        for alarm in resources("AWS::CloudWatch::Alarm")
        if alarm.properties.get("AlarmActions") and alarm.properties["Threshold"] <= 1
        for dimension in alarm.properties.get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }
    kept = [queue for queue in queues.values() if is_dead_letters(queue)]
    assert kept
    assert [one.properties["QueueName"] for one in kept if one.attributes["QueueName"] not in heard] == []


def test_a_queue_hides_a_message_for_six_times_the_timeout_of_its_reader(queues, resources, functions):
    for mapping in resources("AWS::Lambda::EventSourceMapping"):
        if queue := queues.get(mapping.properties["EventSourceArn"]):
            [reader] = [f for arn, f in functions.items() if arn == mapping.properties["FunctionName"]]
            assert queue.properties["VisibilityTimeout"] >= 6 * reader["Timeout"], queue.properties["QueueName"]


def test_one_bad_message_does_not_fail_its_batch(resources):
    for mapping in resources("AWS::Lambda::EventSourceMapping"):
        alone = mapping.properties["BatchSize"] == 1
        assert alone or mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_stream_does_not_stand_still_behind_a_bad_record(resources, queues):
    streams = [
        one.properties
        for one in resources("AWS::Lambda::EventSourceMapping")
        if one.properties["EventSourceArn"] not in queues
    ]
    assert streams
    for mapping in streams:
        assert mapping["BisectBatchOnFunctionError"]
        assert 0 < mapping["MaximumRetryAttempts"] <= 100
        assert mapping["DestinationConfig"]["OnFailure"]["Destination"] in queues


def test_what_a_rule_cannot_deliver_is_kept(rules):
    for rule in rules:
        for target in rule.properties["Targets"]:
            if "EventPattern" in rule.properties:
                assert target["DeadLetterConfig"]["Arn"], rule.logical_id


def test_every_rule_listens_to_events_that_someone_publishes(rules):
    for rule in rules:
        pattern = rule.properties.get("EventPattern", {})
        if any(source.startswith("aws.") for source in pattern.get("source", [])):
            continue  # AWS's own
        if "detail" in pattern:  # whoever publishes it: chosen by what every message says of itself
            assert pattern["detail"].keys() <= Message.model_fields.keys(), rule.logical_id
        elif pattern:
            [source] = pattern["source"]
            assert set(pattern.get("detail-type", ())) <= published(source), rule.logical_id


def test_every_domain_publishes_what_it_commits(resources, functions):
    relays = {function["FunctionName"] for function in functions.values() if function["Handler"].endswith(".relay")}
    tables = {one.properties["TableName"] for one in resources("AWS::DynamoDB::Table")}
    assert relays == {name.removesuffix("-events") + "-relay" for name in tables if name.endswith("-events")}


def published(domain):
    """The types of a domain's events."""
    package = import_module(domain)
    modules = [m.name for m in walk_packages(package.__path__, f"{domain}.") if m.name.endswith(".events")]
    classes = [value for name in modules for value in vars(import_module(name)).values() if isinstance(value, type)]
    return {one.__name__ for one in classes if issubclass(one, Event) and one is not Event}


def test_the_alarm_topic_is_told_by_every_alarm(resources):
    [topic] = resources("AWS::SNS::Topic")
    for alarm in resources("AWS::CloudWatch::Alarm"):
        assert alarm.properties["AlarmActions"] == [topic.ref], json.dumps(alarm.properties)
