"""What AWS would refuse is refused."""

import pytest

from local.api_call import ApiCall
from local.aws_error import AwsError
from local.limits import check

KB = 1024


def item(size, name="x"):
    return {"pk": {"S": "1"}, name: {"S": "x" * (size - 3 - len(name))}}


def entry(size):
    return {"Source": "s", "DetailType": "d", "Detail": "x" * (size - 2)}


REFUSED = [
    ("dynamodb", "PutItem", {"Item": item(400 * KB + 1)}, "Item size"),
    ("dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": {"Item": item(10)}}] * 101}, "100"),
    ("dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": {"Item": item(300 * KB)}}] * 14}, "4 MB"),
    ("dynamodb", "BatchWriteItem", {"RequestItems": {"t": [{"DeleteRequest": {"Key": {}}}] * 26}}, "Too many"),
    ("dynamodb", "BatchGetItem", {"RequestItems": {"t": {"Keys": [{}] * 101}}}, "Too many"),
    ("dynamodb", "PutItem", {"ConditionExpression": "attribute_not_exists(stream)"}, "keyword: stream"),
    ("dynamodb", "UpdateItem", {"UpdateExpression": "SET a.#b = :c, status = :d"}, "keyword: status"),
    (
        "dynamodb",
        "Query",
        {"KeyConditionExpression": "#a = :a", "ExpressionAttributeNames": {"#a": "a", "#b": "b"}},
        "#b",
    ),
    (
        "dynamodb",
        "Query",
        {"KeyConditionExpression": "a = :a", "ExpressionAttributeValues": {":a": {}, ":b": {}}},
        ":b",
    ),
    ("events", "PutEvents", {"Entries": [entry(10)] * 11}, "10"),
    ("events", "PutEvents", {"Entries": [entry(128 * KB), entry(128 * KB + 1)]}, "Total size"),
    ("sqs", "SendMessage", {"MessageBody": "x" * (256 * KB + 1)}, "shorter"),
    ("sqs", "SendMessageBatch", {"Entries": [{"MessageBody": "x"}] * 11}, "10"),
    ("kms", "Sign", {"Message": b"x" * 4097}, "4096"),
    ("stepfunctions", "StartExecution", {"input": "x" * (256 * KB + 1)}, "262144"),
    ("lambda", "Invoke", {"Payload": b"x" * (6 * KB * KB + 1)}, "6291456"),
    ("lambda", "Invoke", {"Payload": b"x" * (256 * KB + 1), "InvocationType": "Event"}, "smaller"),
]
TAKEN = [
    ("dynamodb", "PutItem", {"Item": item(400 * KB)}),
    ("dynamodb", "PutItem", {"Item": {"m": {"M": {"a": {"L": [{"N": "1"}, {"BOOL": True}]}, "b": {"SS": ["x"]}}}}}),
    ("dynamodb", "UpdateItem", {"UpdateExpression": "SET #a = if_not_exists(#a, :b) REMOVE c ADD d :e"}),
    ("dynamodb", "Query", {"KeyConditionExpression": "pk = :a AND begins_with(sk, :b)"}),
    ("events", "PutEvents", {"Entries": [entry(25 * KB)] * 10}),
    ("sqs", "SendMessage", {"MessageBody": "x" * 256 * KB}),
    ("kms", "Sign", {"Message": b"x" * 4096}),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "says"), REFUSED)
def test_too_much_is_refused(service, operation, parameters, says):
    with pytest.raises(AwsError, match=says):
        check(ApiCall(service, operation, parameters, "json"))


@pytest.mark.parametrize(("service", "operation", "parameters"), TAKEN)
def test_just_enough_is_taken(service, operation, parameters):
    check(ApiCall(service, operation, parameters, "json"))
