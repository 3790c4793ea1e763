"""Nobody may do what the templates do not allow."""

import copy

import bakery_templates
import pytest

from local.assembly import AssemblyError
from local.platform import Platform


@pytest.fixture
def bakery_without(tmp_path, monkeypatch):
    """The bakery after something was taken out of its template."""
    platforms = []

    def start(change):
        template = copy.deepcopy(bakery_templates.BAKERY)
        change(template["Resources"])
        monkeypatch.setattr(bakery_templates, "BAKERY", template)
        root = bakery_templates.__file__.rpartition("/")[0]
        platforms.append(Platform.start(bakery_templates.write(tmp_path), root=tmp_path.__class__(root) / "bakery"))
        return platforms[-1]

    yield start
    for platform in platforms:
        platform.stop()


def remove(*names):
    return lambda resources: [resources.pop(name) for name in names]


def forbid(policy, action):
    def change(resources):
        for statement in resources[policy]["Properties"]["PolicyDocument"]["Statement"]:
            named = statement["Action"]
            kept = [one for one in ([named] if isinstance(named, str) else named) if one != action]
            statement["Action"] = kept or ["logs:PutLogEvents"]

    return change


def post(platform):
    return platform.request("POST", "/loaves", {"content-type": "application/json"}, b'{"loaf": "l-1"}')


def test_a_function_may_not_call_what_its_role_does_not_allow(bakery_without):
    platform = bakery_without(forbid("ApiPolicy", "dynamodb:PutItem"))
    assert post(platform).status == 500
    with pytest.raises(RuntimeError, match=r"not authorized to perform: dynamodb:PutItem on resource: \S+:table/"):
        platform.invoke("Bakery-Api", {"routeKey": "POST /loaves", "body": "{}"})


def test_the_gateway_may_not_invoke_without_permission(bakery_without):
    assert post(bakery_without(remove("GatewayMayAsk"))).status == 500


def test_a_saga_may_not_invoke_what_its_role_does_not_allow(bakery_without):
    platform = bakery_without(forbid("BakingPolicy", "lambda:InvokeFunction"))
    post(platform)
    platform.settle()
    assert platform.executions[0].error == "Lambda.AccessDeniedException"


def test_a_rule_may_not_send_to_a_queue_that_does_not_let_it(bakery_without):
    platform = bakery_without(remove("RulesMaySend"))
    post(platform)
    platform.settle()
    assert platform.seam.counters["sqs", "SendMessage"] == 0


def test_a_rule_may_not_start_a_saga_without_a_role_that_allows_it(bakery_without):
    platform = bakery_without(forbid("StartPolicy", "states:StartExecution"))
    post(platform)
    platform.settle()
    assert platform.executions == []
    url = platform.operator("sqs").get_queue_url(QueueName="Bakery-NotStarted")["QueueUrl"]
    assert len(platform.operator("sqs").receive_message(QueueUrl=url)["Messages"]) == 1


def test_a_mapping_needs_a_role_that_may_read(bakery_without):
    with pytest.raises(PermissionError, match="sqs:ReceiveMessage"):
        bakery_without(forbid("ConsumerPolicy", "sqs:ReceiveMessage"))


def test_what_was_used_is_remembered(bakery_without):
    platform = bakery_without(remove())
    post(platform)
    role = platform.functions.named("Bakery-Api").role
    table = "arn:aws:dynamodb:eu-west-1:123456789012:table/Bakery-Loaves"
    assert [(action, on) for who, action, on in platform.iam.used if who == role] == [("dynamodb:PutItem", table)]


def test_an_assembly_that_is_broken_leaves_the_process_as_it_was(bakery_without):
    import time

    def break_it(resources):
        resources["Tell"]["Properties"]["Targets"][0]["Arn"] = {"Fn::GetAtt": ["Nobody", "Arn"]}

    with pytest.raises((AssemblyError, KeyError)):
        bakery_without(break_it)
    assert time.time() > 1_780_000_000
