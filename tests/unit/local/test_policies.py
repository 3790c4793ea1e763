"""IAM's policy language, as far as roles of ours speak it."""

import pytest

from local.policies import Statement, allowed

TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"


def statements(*found):
    return Statement.read({"Statement": list(found)})


def allow(action, resource=TABLE, **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("said", "action", "resource", "expected"),
    [
        (allow("dynamodb:PutItem"), "dynamodb:PutItem", TABLE, True),
        (allow("dynamodb:putitem"), "dynamodb:PutItem", TABLE, True),
        (allow("dynamodb:PutItem"), "dynamodb:GetItem", TABLE, False),
        (allow(["dynamodb:Get*", "dynamodb:Query"]), "dynamodb:GetItem", TABLE, True),
        (allow("dynamodb:*"), "dynamodb:Query", f"{TABLE}/index/gsi1", False),
        (allow("dynamodb:*", f"{TABLE}/index/*"), "dynamodb:Query", f"{TABLE}/index/gsi1", True),
        (allow("dynamodb:*", f"{TABLE}?"), "dynamodb:Query", f"{TABLE}2", True),
        (allow("dynamodb:*", "*"), "events:PutEvents", "*", False),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "sqs:SendMessage", "q", True),
        ({"Effect": "Allow", "Action": "*", "NotResource": TABLE}, "dynamodb:GetItem", TABLE, False),
    ],
)
def test_actions_and_resources(said, action, resource, expected):
    assert allowed(statements(said), action, resource, {}) is expected


def test_a_denial_wins():
    said = statements(allow("dynamodb:*"), {"Effect": "Deny", "Action": "dynamodb:DeleteItem", "Resource": "*"})
    assert allowed(said, "dynamodb:PutItem", TABLE, {})
    assert not allowed(said, "dynamodb:DeleteItem", TABLE, {})


def test_nothing_said_is_denied():
    assert not allowed([], "dynamodb:GetItem", TABLE, {})


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringEquals": {"k": "a"}}, {"k": ("a",)}, True),
        ({"StringEquals": {"k": ["a", "b"]}}, {"k": ("b",)}, True),
        ({"StringEquals": {"k": "a"}}, {"k": ("b",)}, False),
        ({"StringEquals": {"k": "a"}}, {}, False),
        ({"StringEqualsIfExists": {"k": "a"}}, {}, True),
        ({"StringNotEquals": {"k": "a"}}, {"k": ("b",)}, True),
        ({"StringLike": {"k": "order#*"}}, {"k": ("order#1",)}, True),
        ({"ForAllValues:StringLike": {"k": ["order#*"]}}, {"k": ("order#1", "price#1")}, False),
        ({"ForAllValues:StringLike": {"k": ["order#*", "price#*"]}}, {"k": ("order#1", "price#1")}, True),
        ({"ForAnyValue:StringEquals": {"k": ["a"]}}, {"k": ("b", "a")}, True),
        ({"Null": {"k": "true"}}, {}, True),
        ({"Bool": {"k": "true"}}, {"k": ("True",)}, True),
    ],
)
def test_conditions(condition, context, expected):
    assert allowed(statements(allow("a:B", "*", Condition=condition)), "a:B", "r", context) is expected
