"""The one way in: an HTTP API with its throttle, its authorizer and the routes of all domains."""

import json
from collections.abc import Sequence
from typing import cast

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk.patterns.api import Routes
from cdk.stacks.platform import PlatformStack

LOGGED = {
    "requestId": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latency": "$context.responseLatency",
    "error": "$context.error.message",
}  # no path and no address: they name people


class ApiStack(Stack):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        platform: PlatformStack,
        authorizer: lambda_.IFunction,
        routes: Sequence[Routes],
    ) -> None:
        super().__init__(scope, id)
        api = apigateway.HttpApi(self, "Api", api_name="commerce", create_default_stage=False)
        log = logs.LogGroup(
            self, "Access", retention=logs.RetentionDays.ONE_MONTH, removal_policy=platform.removal_policy
        )
        stage = api.add_stage(
            "Stage",
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=500, burst_limit=1000),
        )
        settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log.log_group_arn, format=json.dumps(LOGGED)
        )
        cast(apigateway.CfnStage, stage.node.default_child).access_log_settings = settings
        gate = authorizers.HttpLambdaAuthorizer(
            "Authorizer",
            authorizer,
            response_types=[authorizers.HttpLambdaResponseType.SIMPLE],
            identity_source=["$request.header.Authorization"],
            results_cache_ttl=Duration.seconds(60),
        )
        for part in routes:
            integration = integrations.HttpLambdaIntegration(f"{part.function.node.path}", part.function)
            for route in (*part.signed_in, *part.public):
                method, _, path = route.partition(" ")
                apigateway.HttpRoute(
                    self,
                    route,
                    http_api=api,
                    route_key=apigateway.HttpRouteKey.with_(path, apigateway.HttpMethod[method]),
                    integration=integration,
                    authorizer=gate if route in part.signed_in else None,
                )
        CfnOutput(self, "Url", value=api.api_endpoint)
