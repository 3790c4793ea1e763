"""A function may do what it needs, and each has a role of its own."""

# What AWS itself lets nobody narrow down to a resource.
ANYWHERE = ("xray:Put", "xray:GetSampling", "logs:", "dynamodb:ListStreams")


def as_list(value):
    return value if isinstance(value, list) else [value]


def statements(resources):
    for one in resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for statement in one.properties["PolicyDocument"]["Statement"]:
            yield one.logical_id, as_list(statement["Action"]), as_list(statement.get("Resource", []))


def test_no_two_functions_share_a_role(functions):
    assert len({function["Role"] for function in functions.values()}) == len(functions)


def test_no_policy_allows_a_whole_service(resources):
    for policy, actions, _ in statements(resources):
        assert not [action for action in actions if action == "*" or action.endswith(":*")], policy


def test_no_policy_allows_something_on_everything(resources):
    for policy, actions, on in statements(resources):
        if "*" in on:
            assert all(action.startswith(ANYWHERE) for action in actions), policy


def test_all_but_something_is_allowed_only_for_what_is_no_resource(resources):
    """A phone number has no name in IAM: text messages are all publishing but to topics."""
    for one in resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for statement in one.properties["PolicyDocument"]["Statement"]:
            if "NotResource" in statement:
                assert statement["Action"] == "sns:Publish", one.logical_id
                assert statement["NotResource"] == "arn:aws:sns:*:*:*", one.logical_id


def test_nobody_may_change_or_delete_what_has_happened(resources):
    events = {one.arn for one in resources("AWS::DynamoDB::Table") if one.properties["TableName"].endswith("-events")}
    assert events
    for policy, actions, on in statements(resources):
        if events & set(map(str, on)):
            assert not {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"} & set(actions), policy
