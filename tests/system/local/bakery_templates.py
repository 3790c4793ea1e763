"""The bakery's cloud assembly, as `cdk synth` would write it, but written by hand: small, and there in no time."""

import json

ASSUMED = {"Version": "2012-10-17", "Statement": []}
BAKING = {
    "StartAt": "Bake",
    "States": {
        "Bake": {
            "Type": "Task",
            "Resource": "${Tasks}",
            "Parameters": {"step": "bake", "becomes": "baked", "loaf.$": "$.loaf", "flour.$": "$.flour"},
            "TimeoutSeconds": 30,
            "ResultPath": None,
            "Retry": [
                {"ErrorEquals": ["Lambda.TooManyRequestsException", "Lambda.ServiceException"], "MaxAttempts": 3}
            ],
            "Catch": [{"ErrorEquals": ["Burnt"], "ResultPath": "$.failure", "Next": "ThrowAway"}],
            "End": True,
        },
        "ThrowAway": {
            "Type": "Task",
            "Resource": "${Tasks}",
            "Parameters": {"step": "throw away", "becomes": "thrown away", "loaf.$": "$.loaf"},
            "End": True,
        },
    },
}


def policy(role, *statements):
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
    return {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": role, "PolicyDocument": document, "Roles": [{"Ref": role}]},
    }


def arn(name):
    return {"Fn::GetAtt": [name, "Arn"]}


def function(entry, *statements, **properties):
    name = entry.title()
    logs = {"Action": "logs:PutLogEvents", "Resource": "*"}
    return {
        f"{name}Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ASSUMED}},
        f"{name}Policy": policy(f"{name}Role", logs, *statements),
        name: {
            "Type": "AWS::Lambda::Function",
            "DependsOn": [f"{name}Policy"],
            "Properties": {
                "Handler": f"bakery.handlers.{entry}",
                "Runtime": "python3.13",
                "Code": {"S3Bucket": "assets", "S3Key": "bakery.zip"},
                "Role": arn(f"{name}Role"),
                "Timeout": 10,
                "Environment": {
                    "Variables": {
                        "TABLE": {"Ref": "Loaves"},
                        "EVENT_BUS": {"Fn::ImportValue": "Shared:Bus"},
                        "OWN_NAME": entry,
                    }
                },
                **properties,
            },
        },
    }


WRITES = {"Action": ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:UpdateItem"], "Resource": arn("Loaves")}
PUBLISHES = {
    "Action": "events:PutEvents",
    "Resource": {"Fn::Sub": "arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/bakery"},
}


READS_STREAM = {
    "Action": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
    "Resource": {"Fn::GetAtt": ["Loaves", "StreamArn"]},
}
READS_QUEUE = {
    "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    "Resource": {"Fn::GetAtt": ["Letters", "Arn"]},
}
GIVES_UP = {"Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Unpublished", "Arn"]}}


def may_invoke(function, service):
    properties = {"Action": "lambda:InvokeFunction", "FunctionName": arn(function), "Principal": service}
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def events_may_send(*queues):
    statements = [
        {
            "Effect": "Allow",
            "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"],
            "Principal": {"Service": "events.amazonaws.com"},
            "Resource": arn(queue),
        }
        for queue in queues
    ]
    properties = {"Queues": [{"Ref": queue} for queue in queues], "PolicyDocument": {"Statement": statements}}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}


def route(key, *, signed_in=False):
    properties = {
        "ApiId": {"Ref": "Http"},
        "RouteKey": key,
        "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "Integration"}]]},
    }
    if signed_in:
        properties |= {"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "Gate"}}
    return {"Type": "AWS::ApiGatewayV2::Route", "Properties": properties}


def rule(target, **properties):
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {"State": "ENABLED", **properties, "Targets": [{"Id": "Target0", **target}]},
    }


def queue(**properties):
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


NEW_LOAF = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"flour": {"S": [{"exists": True}]}}}}

SHARED = {
    "Resources": {"Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "bakery"}}},
    "Outputs": {"Bus": {"Value": {"Ref": "Bus"}, "Export": {"Name": "Shared:Bus"}}},
}

HEARD = {"EventBusName": {"Fn::ImportValue": "Shared:Bus"}, "EventPattern": {"source": ["bakery"]}}

BAKERY = {
    "Resources": {
        "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Properties": {}},
        "Loaves": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "KeySchema": [{"AttributeName": "loaf", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "loaf", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            },
        },
        **function("api", WRITES),
        **function("authorizer"),
        **function("relay", PUBLISHES, READS_STREAM, GIVES_UP),
        **function("consumer", WRITES, READS_QUEUE),
        **function("tasks", WRITES),
        **function("sweeper", WRITES),
        **function("mill"),
        "Stream": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "Relay"},
                "EventSourceArn": {"Fn::GetAtt": ["Loaves", "StreamArn"]},
                "StartingPosition": "TRIM_HORIZON",
                "BatchSize": 10,
                "BisectBatchOnFunctionError": True,
                "MaximumRetryAttempts": 3,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "FilterCriteria": {"Filters": [{"Pattern": json.dumps(NEW_LOAF)}]},
                "DestinationConfig": {"OnFailure": {"Destination": arn("Unpublished")}},
            },
        },
        "GatewayMayAsk": may_invoke("Api", "apigateway.amazonaws.com"),
        "GatewayMayAuthorize": may_invoke("Authorizer", "apigateway.amazonaws.com"),
        "RuleMaySweep": may_invoke("Sweeper", "events.amazonaws.com"),
        "RulesMaySend": events_may_send("Letters", "NotStarted"),
        "Unpublished": queue(),
        "DeadLetters": queue(),
        "Letters": queue(
            VisibilityTimeout=60, RedrivePolicy={"deadLetterTargetArn": arn("DeadLetters"), "maxReceiveCount": 3}
        ),
        "Reading": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "Consumer"},
                "EventSourceArn": arn("Letters"),
                "BatchSize": 10,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
        "Tell": rule({"Arn": arn("Letters"), "InputPath": "$.detail"}, **HEARD),
        "Baking": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineType": "EXPRESS",
                "RoleArn": arn("BakingRole"),
                "DefinitionString": json.dumps(BAKING),
                "DefinitionSubstitutions": {"Tasks": arn("Tasks")},
            },
        },
        "BakingRole": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ASSUMED}},
        "BakingPolicy": policy("BakingRole", {"Action": "lambda:InvokeFunction", "Resource": arn("Tasks")}),
        "StartRole": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ASSUMED}},
        "StartPolicy": policy("StartRole", {"Action": "states:StartExecution", "Resource": {"Ref": "Baking"}}),
        "NotStarted": queue(),
        "Start": rule(
            {
                "Arn": {"Ref": "Baking"},
                "RoleArn": arn("StartRole"),
                "InputTransformer": {
                    "InputPathsMap": {"loaf": "$.detail.loaf", "flour": "$.detail.flour"},
                    "InputTemplate": '{"loaf":<loaf>,"flour":<flour>,"note":"a loaf of <flour>"}',
                },
                "RetryPolicy": {"MaximumRetryAttempts": 2},
                "DeadLetterConfig": {"Arn": arn("NotStarted")},
            },
            **HEARD,
        ),
        "Sweep": rule({"Arn": arn("Sweeper")}, ScheduleExpression="rate(5 minutes)"),
        "Http": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "bakery", "ProtocolType": "HTTP"}},
        "Gate": {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {
                "ApiId": {"Ref": "Http"},
                "Name": "gate",
                "AuthorizerType": "REQUEST",
                "AuthorizerPayloadFormatVersion": "2.0",
                "AuthorizerResultTtlInSeconds": 60,
                "EnableSimpleResponses": True,
                "IdentitySource": ["$request.header.Authorization"],
                "AuthorizerUri": {
                    "Fn::Join": [
                        "",
                        [
                            "arn:aws:apigateway:",
                            {"Ref": "AWS::Region"},
                            ":lambda:path/2015-03-31/functions/",
                            arn("Authorizer"),
                            "/invocations",
                        ],
                    ]
                },
            },
        },
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Http"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": arn("Api"),
                "PayloadFormatVersion": "2.0",
            },
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": {"Ref": "Http"},
                "StageName": "$default",
                "AutoDeploy": True,
                "DefaultRouteSettings": {"ThrottlingRateLimit": 10, "ThrottlingBurstLimit": 20},
            },
        },
        "PostLoaves": route("POST /loaves"),
        "GetLoaf": route("GET /loaves/{loaf}"),
        "Echo": route("GET /echo", signed_in=True),
    }
}


def write(folder):
    """Write the assembly; return where it is."""
    stacks = {"Shared": (SHARED, []), "Bakery": (BAKERY, ["Shared"])}
    artifacts = {}
    for name, (template, dependencies) in stacks.items():
        (folder / f"{name}.template.json").write_text(json.dumps(template))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": f"{name}.template.json"},
            "dependencies": dependencies,
        }
    (folder / "manifest.json").write_text(json.dumps({"version": "1", "artifacts": artifacts}))
    return folder
